import { beforeEach, describe, expect, test } from 'vitest';
import { HOUR_MS, isoTime, MINUTE_MS, START, TestApi, TICKETS } from '../../support/api.ts';
import { type Credential, clients, kinds, type Made } from '../../support/credentials.ts';
import { allRows } from '../../support/d1.ts';
import { api, makeApiAndPartner, partner } from '../../support/each-test.ts';
import { basic, requestToken, type Token } from '../../support/token-requests.ts';

/** The most valid retired secrets of one credential. */
const MAX_VALID = 5;

beforeEach(makeApiAndPartner);

describe.each(kinds)('a rotated $name', (kind) => {
  let first: Made;

  beforeEach(async () => {
    first = await kind.make(api, partner);
  });

  const rotate = (overlap: number) => kind.rotate(api, partner, first, overlap);
  const change = (chosen: Partial<Credential>) => kind.change(api, partner, first, chosen);

  /** Returns which of the secrets a new isolate, without cached credentials, accepts now. */
  async function goodOf(...secrets: Made[]): Promise<Made[]> {
    const isolate = new TestApi();
    isolate.now = api.now;
    const answers = await Promise.all(
      secrets.map((each) => kind.trySecret(isolate, partner, each)),
    );
    return secrets.filter((_, i) => answers[i]?.ok);
  }

  test('is returned with its new secret, in a response that no cache may store', async () => {
    api.now += HOUR_MS;
    await kind.trySecret(api, partner, first);
    const before = await api.get(kind.pathOf(first), partner);
    api.now += 1;
    const path = `${kind.pathOf(first)}/secrets`;
    const response = await api.post(path, partner, { overlap_seconds: 60 });
    expect(response.headers.get('cache-control')).toBe('no-store');
    const { secret, ...rest } = await response.json<Credential & Made>();
    expect(secret).not.toBe(first.secret);
    expect(kind.isWellFormed(secret)).toBe(true);
    const retired = { retired_secret_expires_at: isoTime(api.now + MINUTE_MS) };
    expect(rest).toEqual({ ...(await before.json<Credential>()), ...retired });
    expect(rest.last_used_at).toBe(isoTime(START + HOUR_MS));
    const after = await api.get(kind.pathOf(first), partner);
    expect(after.headers.get('etag')).toBe(response.headers.get('etag'));
    expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'));
  });

  test('accepts the new secret at once, and the old one until the overlap ends', async () => {
    const second = await rotate(60);
    expect(await goodOf(first, second)).toEqual([first, second]);
    api.now = START + MINUTE_MS - 1;
    expect(await goodOf(first, second)).toEqual([first, second]);
    api.now += 1;
    expect(await goodOf(first, second)).toEqual([second]);
  });

  /** Returns `retired_secret_expires_at` and the `ETag`, which a list and a read show alike. */
  async function shownEnd() {
    const read = await api.get(kind.pathOf(first), partner);
    const shown = await read.json<Credential>();
    const { result } = await (await api.get(kind.path, partner)).json<{ result: Credential[] }>();
    expect(result.find(({ id }) => id === first.id)).toEqual(shown);
    return { end: shown.retired_secret_expires_at, etag: read.headers.get('etag') };
  }

  test('lists until when the old secret is valid, and then null without a new ETag', async () => {
    expect((await shownEnd()).end).toBeNull();
    await rotate(60);
    const { end, etag } = await shownEnd();
    expect(end).toBe(isoTime(START + MINUTE_MS));
    expect((await change({ name: 'Other' })).retired_secret_expires_at).toBe(end);
    api.now = START + MINUTE_MS - 1;
    const last = await shownEnd();
    expect(last).toEqual({ end, etag: expect.not.stringMatching(etag as string) });
    api.now += 1;
    expect(await shownEnd()).toEqual({ end: null, etag: last.etag });
  });

  test.each([
    { overlaps: [3600, 60], end: MINUTE_MS },
    { overlaps: [60, 3600], end: HOUR_MS },
    { overlaps: [3600, 0], end: null },
  ])('lists the end of the last old secret after overlaps of $overlaps', async (example) => {
    for (const overlap of example.overlaps) {
      await rotate(overlap);
    }
    const { end } = example;
    expect((await shownEnd()).end).toBe(end === null ? null : isoTime(START + end));
  });

  test('lists an expiry that ends the old secret earlier, and null once it is disabled', async () => {
    await rotate(3600);
    const sooner = await change({ expires_at: isoTime(START + MINUTE_MS) });
    expect(sooner.retired_secret_expires_at).toBe(isoTime(START + MINUTE_MS));
    expect((await change({ disabled: true })).retired_secret_expires_at).toBeNull();
    await change({ disabled: false });
    expect((await shownEnd()).end).toBeNull();
  });

  test('rejects the old secret at the exact end of the overlap, even where it is cached', async () => {
    await rotate(30);
    const warm = new TestApi();
    const status = async () => (await kind.trySecret(warm, partner, first)).status;
    expect(await status()).toBe(200);
    warm.now = START + 30_000 - 1;
    expect(await status()).toBe(200);
    warm.now += 1;
    expect(await status()).toBe(401);
  });

  test('rejects the old secret at once if the overlap is 0', async () => {
    const second = await rotate(0);
    expect(await goodOf(first, second)).toEqual([second]);
  });

  test('rejects the old secret after the expiry that applied at the rotation, even if it is removed', async () => {
    await change({ expires_at: isoTime(START + MINUTE_MS) });
    const second = await rotate(3600);
    await change({ expires_at: null });
    api.now = START + MINUTE_MS - 1;
    expect(await goodOf(first, second)).toEqual([first, second]);
    api.now += 1;
    expect(await goodOf(first, second)).toEqual([second]);
  });

  test('rejects the old secret after an expiry that was set later, even if it is then extended', async () => {
    const second = await rotate(3600);
    await change({ expires_at: isoTime(START + MINUTE_MS) });
    await change({ expires_at: isoTime(START + 2 * HOUR_MS) });
    api.now = START + MINUTE_MS - 1;
    expect(await goodOf(first, second)).toEqual([first, second]);
    api.now += 1;
    expect(await goodOf(first, second)).toEqual([second]);
  });

  test.each([
    { overlaps: [60, 3600], ends: [60, 3600] },
    { overlaps: [3600, 60], ends: [60, 60] },
    { overlaps: [3600, 0], ends: [0, 0] },
  ])(
    'keeps its old secrets for $ends seconds after two rotations with $overlaps',
    async (example) => {
      const [one = 0, two = 0] = example.overlaps;
      const old = [first, await rotate(one)];
      const third = await rotate(two);
      const ends = example.ends.map((end) => START + end * 1000);
      for (const time of ends.flatMap((end) => [end - 1, end]).filter((each) => each >= START)) {
        api.now = time;
        const alive = old.filter((_, i) => (ends[i] as number) > time);
        expect(await goodOf(...old, third), `at ${time - START}`).toEqual([...alive, third]);
      }
    },
  );

  test('accepts the secret in use when a rotation is repeated because its response was lost', async () => {
    await rotate(60);
    api.now += 1000;
    const third = await rotate(60);
    api.now = START + MINUTE_MS - 1;
    expect(await goodOf(first, third)).toEqual([first, third]);
  });

  test(`keeps ${MAX_VALID} old secrets valid, and ends the oldest at the next rotation`, async () => {
    const secrets = [first];
    for (let i = 0; i < MAX_VALID; i++) {
      api.now += 1;
      secrets.push(await rotate(3600));
    }
    expect(await goodOf(...secrets)).toEqual(secrets);
    api.now += 1;
    secrets.push(await rotate(3600));
    expect(await goodOf(...secrets)).toEqual(secrets.slice(1));
  });

  test('stores at most 50 expired secrets, each for an hour', async () => {
    const kept = async () => (await allRows()).retired_secrets;
    for (let i = 0; i < 52; i++) {
      await rotate(0);
    }
    expect(await kept()).toHaveLength(50);
    api.now += 3_600_000;
    await rotate(0);
    expect(await kept()).toHaveLength(1);
  });

  test('accepts both new secrets of two concurrent rotations', async () => {
    const [one, two] = await Promise.all([rotate(60), rotate(60)]);
    expect(await goodOf(first, one, two)).toEqual([first, one, two]);
  });

  test('stays disabled if it was disabled before', async () => {
    await change({ disabled: true });
    const second = await rotate(60);
    expect(await goodOf(first, second)).toEqual([]);
  });

  test('rejects a retired secret after it is disabled and re-enabled', async () => {
    const second = await rotate(3600);
    await change({ disabled: true });
    await change({ disabled: false });
    expect(await goodOf(first, second)).toEqual([second]);
  });

  test('rejects a secret that was retired while it was disabled, after it is re-enabled', async () => {
    await change({ disabled: true });
    const second = await rotate(3600);
    await change({ disabled: false });
    expect(await goodOf(first, second)).toEqual([second]);
  });

  test('rejects both secrets if it has expired, and accepts only the new one once it has no expiry', async () => {
    await change({ expires_at: isoTime(START + 1) });
    api.now += 1;
    const second = await rotate(3600);
    expect(await goodOf(first, second)).toEqual([]);
    await change({ expires_at: null });
    expect(await goodOf(first, second)).toEqual([second]);
  });

  test('is deleted together with its old secrets', async () => {
    const second = await rotate(3600);
    expect((await api.delete(kind.pathOf(first), partner)).status).toBe(204);
    expect(await goodOf(first, second)).toEqual([]);
    expect((await allRows()).retired_secrets).toEqual([]);
  });
});

test('a retired secret of one client is not accepted for another', async () => {
  const made = await clients.make(api, partner);
  await clients.rotate(api, partner, made, 60);
  const other = await clients.make(api, partner);
  const status = async (id: string) =>
    (await clients.trySecret(api, partner, { ...made, id })).status;
  expect([await status(made.id), await status(other.id)]).toEqual([200, 401]);
});

test('tokens that were issued for a retired secret stay valid until they expire', async () => {
  const made = await clients.make(api, partner);
  const proof = basic({ clientId: made.id, clientSecret: made.secret });
  const { access_token, expires_in } = await (await requestToken(api, proof)).json<Token>();
  await clients.rotate(api, partner, made, 0);
  const headers = { authorization: `Bearer ${access_token}`, 'x-api-key': partner.apiKey };
  const later = new TestApi();
  later.now = START + expires_in * 1000 - 1;
  expect((await later.request('GET', TICKETS, { headers })).status).toBe(200);
});
