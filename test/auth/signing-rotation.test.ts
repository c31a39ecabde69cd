import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { newSigningKey } from '../../src/auth/signing-keys.ts';
import { TestApi } from '../support/api.ts';
import { Fleet } from '../support/fleet.ts';
import { makePartner, type TestPartner } from '../support/partners.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

type Slot = 'A' | 'B';
type Slots = Readonly<Record<`SIGNING_KEY_${Slot}`, string>>;

/** Returns the value of a key slot after `keys:generate` and `wrangler secret put`. */
const newKey = async () => JSON.stringify(await newSigningKey());
const kidOf = (key: string) => (JSON.parse(key) as { kid: string }).kid;
const isolate = (signer: Slot, slots: Slots) => new TestApi({ ...slots, SIGNER: signer });

const slots: Slots = { SIGNING_KEY_A: env.SIGNING_KEY_A, SIGNING_KEY_B: env.SIGNING_KEY_B };
let partner: TestPartner;
let fleet: Fleet;

beforeEach(async () => {
  partner = await makePartner();
  fleet = new Fleet(partner);
});

describe.each<[Slot, Slot]>([
  ['A', 'B'],
  ['B', 'A'],
])('a rotation from key %s to key %s', (from, to) => {
  const retired = slots[`SIGNING_KEY_${from}`];
  const next = slots[`SIGNING_KEY_${to}`];
  const replacedBy = (key: string): Slots => ({ ...slots, [`SIGNING_KEY_${from}`]: key });
  const old = () => isolate(from, slots);
  const flipped = () => isolate(to, slots);

  test('rejects no valid token on any isolate at any time', async () => {
    const fresh = await newKey();
    const replaced = () => isolate(to, replacedBy(fresh));

    await fleet.becomes(old(), old());
    fleet.pass(HOUR - SECOND);
    await fleet.becomes(old(), old());
    expect(fleet.signers).toEqual(new Set([kidOf(retired)]));

    // SIGNER now names the other slot; the change reaches one isolate before the other.
    await fleet.becomes(old(), flipped());
    fleet.pass(MINUTE);
    await fleet.becomes(flipped(), old());
    await fleet.becomes(flipped(), flipped());
    expect(fleet.signers).toEqual(new Set([kidOf(retired), kidOf(next)]));
    fleet.pass(HOUR - SECOND);
    await fleet.becomes(flipped(), flipped());
    expect(fleet.signers).toEqual(new Set([kidOf(retired), kidOf(next)]));

    // When the old tokens have expired, the slot that no longer signs gets a new key.
    fleet.pass(SECOND);
    await fleet.becomes(flipped(), replaced());
    fleet.pass(MINUTE);
    await fleet.becomes(replaced(), flipped());
    await fleet.becomes(replaced(), replaced());
    expect(fleet.signers).toEqual(new Set([kidOf(next)]));

    // The next rotation waits until cached copies of the key set have expired.
    fleet.pass(5 * MINUTE);
    const again = () => isolate(from, replacedBy(fresh));
    await fleet.becomes(replaced(), again());
    await fleet.becomes(again(), again());
    expect(fleet.signers).toEqual(new Set([kidOf(next), kidOf(fresh)]));
  });

  test('rejects every token of the retired key once it is replaced', async () => {
    const replaced = isolate(to, replacedBy(await newKey()));
    const token = await fleet.issue(old());
    fleet.pass(HOUR);
    expect(await fleet.statusOf(replaced, token)).toBe(401);
    const ofItsHolder = await fleet.issue(old());
    expect(await fleet.statusOf(flipped(), ofItsHolder)).toBe(200);
    expect(await fleet.statusOf(replaced, ofItsHolder)).toBe(401);
  });

  test('rejects tokens of a leaked key after both steps and issues new ones', async () => {
    const leaked = await fleet.issue(old());
    expect(await fleet.statusOf(flipped(), leaked)).toBe(200);
    const replaced = isolate(to, replacedBy(await newKey()));
    expect(await fleet.statusOf(replaced, leaked)).toBe(401);
    await fleet.becomes(replaced);
    expect(fleet.signers).toEqual(new Set([kidOf(next)]));
    const keySet = await (await replaced.get('/.well-known/jwks.json')).text();
    expect(keySet).not.toContain(kidOf(retired));
  });

  test('rejects only the tokens of a leaked key that does not sign once it is replaced', async () => {
    await fleet.becomes(flipped());
    const forged = await fleet.issue(old());
    const replaced = isolate(to, replacedBy(await newKey()));
    await fleet.becomes(replaced, flipped());
    expect(await fleet.statusOf(replaced, forged)).toBe(401);
  });

  // Cloudflare can keep an isolate when only its bindings change.
  test('takes effect in an isolate that outlives the change of its bindings', async () => {
    const living = old();
    const remembered = await fleet.issue(living);
    expect(await fleet.statusOf(living, remembered)).toBe(200);
    living.bindings = flipped().bindings;
    expect((await fleet.issue(living)).kid).toBe(kidOf(next));
    expect(await fleet.statusOf(living, remembered)).toBe(200);
    living.bindings = isolate(to, replacedBy(await newKey())).bindings;
    expect(await fleet.statusOf(living, remembered)).toBe(401);
  });
});
