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

/** What a slot holds after `keys:generate` and `wrangler secret put`. */
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
])('from %s to %s', (from, to) => {
  const retired = slots[`SIGNING_KEY_${from}`];
  const next = slots[`SIGNING_KEY_${to}`];
  const replacedBy = (key: string): Slots => ({ ...slots, [`SIGNING_KEY_${from}`]: key });
  const old = () => isolate(from, slots);
  const flipped = () => isolate(to, slots);

  test('a rotation refuses no token that is alive, on no isolate, at no moment', async () => {
    const fresh = await newKey();
    const replaced = () => isolate(to, replacedBy(fresh));

    await fleet.becomes(old(), old());
    fleet.pass(HOUR - SECOND);
    await fleet.becomes(old(), old());
    expect(fleet.signers).toEqual(new Set([kidOf(retired)]));

    // SIGNER names the other slot, which reaches one isolate before the other.
    await fleet.becomes(old(), flipped());
    fleet.pass(MINUTE);
    await fleet.becomes(flipped(), old());
    await fleet.becomes(flipped(), flipped());
    expect(fleet.signers).toEqual(new Set([kidOf(retired), kidOf(next)]));
    fleet.pass(HOUR - SECOND);
    await fleet.becomes(flipped(), flipped());
    expect(fleet.signers).toEqual(new Set([kidOf(retired), kidOf(next)]));

    // More than an hour later the slot that no longer signs gets a new key.
    fleet.pass(SECOND);
    await fleet.becomes(flipped(), replaced());
    fleet.pass(MINUTE);
    await fleet.becomes(replaced(), flipped());
    await fleet.becomes(replaced(), replaced());
    expect(fleet.signers).toEqual(new Set([kidOf(next)]));

    // The next rotation leaves caches of the key set the time that they have.
    fleet.pass(5 * MINUTE);
    const again = () => isolate(from, replacedBy(fresh));
    await fleet.becomes(replaced(), again());
    await fleet.becomes(again(), again());
    expect(fleet.signers).toEqual(new Set([kidOf(next), kidOf(fresh)]));
  });

  test('the retired key is trusted no more, whatever its tokens say', async () => {
    const replaced = isolate(to, replacedBy(await newKey()));
    const token = await fleet.issue(old());
    fleet.pass(HOUR);
    expect(await fleet.statusOf(replaced, token)).toBe(401);
    const ofItsHolder = await fleet.issue(old());
    expect(await fleet.statusOf(flipped(), ofItsHolder)).toBe(200);
    expect(await fleet.statusOf(replaced, ofItsHolder)).toBe(401);
  });

  test('a leaked key is refused as soon as both steps are done, and new tokens are had', async () => {
    const leaked = await fleet.issue(old());
    expect(await fleet.statusOf(flipped(), leaked)).toBe(200);
    const replaced = isolate(to, replacedBy(await newKey()));
    expect(await fleet.statusOf(replaced, leaked)).toBe(401);
    await fleet.becomes(replaced);
    expect(fleet.signers).toEqual(new Set([kidOf(next)]));
    const keySet = await (await replaced.get('/.well-known/jwks.json')).text();
    expect(keySet).not.toContain(kidOf(retired));
  });

  test('a leaked key that does not sign is refused once it is replaced, and no other token', async () => {
    await fleet.becomes(flipped());
    const forged = await fleet.issue(old());
    const replaced = isolate(to, replacedBy(await newKey()));
    await fleet.becomes(replaced, flipped());
    expect(await fleet.statusOf(replaced, forged)).toBe(401);
  });

  // Cloudflare may keep an isolate when nothing but its bindings changes.
  test('an isolate that lives on with new bindings signs and trusts by these', async () => {
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
