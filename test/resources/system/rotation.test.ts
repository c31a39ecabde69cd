import { beforeEach, describe, expect, test } from 'vitest';
import { START, TestApi, TICKETS } from '../../support/api.ts';
import { type Credential, clients, kinds, type Made } from '../../support/credentials.ts';
import { allRows } from '../../support/d1.ts';
import { makePartner, type TestPartner } from '../../support/partners.ts';
import { basic, requestToken, type Token } from '../../support/token-requests.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
/** Old secrets that one credential has at most. */
const MOST = 5;

let api: TestApi;
let partner: TestPartner;

beforeEach(async () => {
  api = new TestApi();
  partner = await makePartner();
});

const at = (milliseconds: number) => new Date(milliseconds).toISOString();

describe.each(kinds)('a $name', (kind) => {
  let first: Made;

  beforeEach(async () => {
    first = await kind.make(api, partner);
  });

  const rotate = (overlap: number) => kind.rotate(api, partner, first, overlap);
  const change = (chosen: Partial<Credential>) => kind.change(api, partner, first, chosen);

  /** Which of these secrets an isolate that knows nothing takes now. */
  async function goodOf(...secrets: Made[]): Promise<Made[]> {
    const isolate = new TestApi();
    isolate.now = api.now;
    const answers = await Promise.all(
      secrets.map((each) => kind.trySecret(isolate, partner, each)),
    );
    return secrets.filter((_, i) => answers[i]?.ok);
  }

  test('is told with its new secret, which stays in no cache', async () => {
    api.now += HOUR;
    await kind.trySecret(api, partner, first);
    const before = await api.get(kind.pathOf(first), partner);
    api.now += 1;
    const path = `${kind.pathOf(first)}/secrets`;
    const response = await api.post(path, partner, { overlap_seconds: 60 });
    expect(response.headers.get('cache-control')).toBe('no-store');
    const { [kind.secretMember]: secret, ...rest } = await response.json<Record<string, string>>();
    expect(secret).not.toBe(first.secret);
    expect(kind.isWellFormed(secret as string)).toBe(true);
    expect(rest).toEqual(await before.json());
    expect(rest.last_used_at).toBe(at(START + HOUR));
    const after = await api.get(kind.pathOf(first), partner);
    expect(after.headers.get('etag')).toBe(response.headers.get('etag'));
    expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'));
  });

  test('takes the new secret at once, and the old one until the overlap ends', async () => {
    const second = await rotate(60);
    expect(await goodOf(first, second)).toEqual([first, second]);
    api.now = START + MINUTE - 1;
    expect(await goodOf(first, second)).toEqual([first, second]);
    api.now += 1;
    expect(await goodOf(first, second)).toEqual([second]);
  });

  test('takes the old secret no longer where it was known, to the millisecond', async () => {
    await rotate(30);
    const warm = new TestApi();
    const status = async () => (await kind.trySecret(warm, partner, first)).status;
    expect(await status()).toBe(200);
    warm.now = START + 30_000 - 1;
    expect(await status()).toBe(200);
    warm.now += 1;
    expect(await status()).toBe(401);
  });

  test('takes the old secret no more without an overlap', async () => {
    const second = await rotate(0);
    expect(await goodOf(first, second)).toEqual([second]);
  });

  test('takes no old secret beyond its own end, whatever comes after', async () => {
    await change({ expires_at: at(START + MINUTE) });
    const second = await rotate(3600);
    await change({ expires_at: null });
    api.now = START + MINUTE - 1;
    expect(await goodOf(first, second)).toEqual([first, second]);
    api.now += 1;
    expect(await goodOf(first, second)).toEqual([second]);
  });

  test('takes no old secret beyond an end that it gets later, even for a while', async () => {
    const second = await rotate(3600);
    await change({ expires_at: at(START + MINUTE) });
    await change({ expires_at: at(START + 2 * HOUR) });
    api.now = START + MINUTE - 1;
    expect(await goodOf(first, second)).toEqual([first, second]);
    api.now += 1;
    expect(await goodOf(first, second)).toEqual([second]);
  });

  test.each([
    { overlaps: [60, 3600], ends: [60, 3600] },
    { overlaps: [3600, 60], ends: [60, 60] },
    { overlaps: [3600, 0], ends: [0, 0] },
  ])('rotated twice with $overlaps keeps its old secrets for $ends seconds', async (example) => {
    const [one = 0, two = 0] = example.overlaps;
    const old = [first, await rotate(one)];
    const third = await rotate(two);
    const ends = example.ends.map((end) => START + end * 1000);
    for (const time of ends.flatMap((end) => [end - 1, end]).filter((each) => each >= START)) {
      api.now = time;
      const alive = old.filter((_, i) => (ends[i] as number) > time);
      expect(await goodOf(...old, third), `at ${time - START}`).toEqual([...alive, third]);
    }
  });

  test('keeps the secret in use when a rotation is repeated because its answer was lost', async () => {
    await rotate(60);
    api.now += 1000;
    const third = await rotate(60);
    api.now = START + MINUTE - 1;
    expect(await goodOf(first, third)).toEqual([first, third]);
  });

  test(`keeps ${MOST} old secrets: with one more the oldest ends`, async () => {
    const secrets = [first];
    for (let i = 0; i < MOST; i++) {
      api.now += 1;
      secrets.push(await rotate(3600));
    }
    expect(await goodOf(...secrets)).toEqual(secrets);
    api.now += 1;
    secrets.push(await rotate(3600));
    expect(await goodOf(...secrets)).toEqual(secrets.slice(1));
  });

  test('keeps no more than 50 ended secrets, for an hour, however often it is rotated', async () => {
    const kept = async () => (await allRows()).retired_secrets;
    for (let i = 0; i < 52; i++) {
      await rotate(0);
    }
    expect(await kept()).toHaveLength(50);
    api.now += 3_600_000;
    await rotate(0);
    expect(await kept()).toHaveLength(1);
  });

  test('rotated twice at once has two new secrets, and each of them works', async () => {
    const [one, two] = await Promise.all([rotate(60), rotate(60)]);
    expect(await goodOf(first, one, two)).toEqual([first, one, two]);
  });

  test('that is disabled stays so when it is rotated', async () => {
    await change({ disabled: true });
    const second = await rotate(60);
    expect(await goodOf(first, second)).toEqual([]);
  });

  test('takes no secret again that was an old one when it was disabled', async () => {
    const second = await rotate(3600);
    await change({ disabled: true });
    await change({ disabled: false });
    expect(await goodOf(first, second)).toEqual([second]);
  });

  test('takes no secret again that became an old one while it was disabled', async () => {
    await change({ disabled: true });
    const second = await rotate(3600);
    await change({ disabled: false });
    expect(await goodOf(first, second)).toEqual([second]);
  });

  test('that has ended takes neither secret, and only the new one if it gets another end', async () => {
    await change({ expires_at: at(START + 1) });
    api.now += 1;
    const second = await rotate(3600);
    expect(await goodOf(first, second)).toEqual([]);
    await change({ expires_at: null });
    expect(await goodOf(first, second)).toEqual([second]);
  });

  test('can be deleted with its old secrets', async () => {
    const second = await rotate(3600);
    expect((await api.delete(kind.pathOf(first), partner)).status).toBe(204);
    expect(await goodOf(first, second)).toEqual([]);
    expect((await allRows()).retired_secrets).toEqual([]);
  });
});

test('an old secret of a client is none of another', async () => {
  const made = await clients.make(api, partner);
  await clients.rotate(api, partner, made, 60);
  const other = await clients.make(api, partner);
  const status = async (id: string) =>
    (await clients.trySecret(api, partner, { ...made, id })).status;
  expect([await status(made.id), await status(other.id)]).toEqual([200, 401]);
});

test('tokens that were issued for an old secret live on', async () => {
  const made = await clients.make(api, partner);
  const proof = basic({ clientId: made.id, clientSecret: made.secret });
  const { access_token, expires_in } = await (await requestToken(api, proof)).json<Token>();
  await clients.rotate(api, partner, made, 0);
  const headers = { authorization: `Bearer ${access_token}`, 'x-api-key': partner.apiKey };
  const later = new TestApi();
  later.now = START + expires_in * 1000 - 1;
  expect((await later.request('GET', TICKETS, { headers })).status).toBe(200);
});
