import { beforeEach, describe, expect, test } from 'vitest';
import { START, TestApi } from '../../support/api.ts';
import { kinds, type Made } from '../../support/credentials.ts';
import { allRows } from '../../support/d1.ts';
import { makePartner, type TestPartner } from '../../support/partners.ts';

const MOST = 5;

let api: TestApi;
let partner: TestPartner;

beforeEach(async () => {
  api = new TestApi();
  partner = await makePartner();
});

describe.each(kinds)('of $names', (kind) => {
  const post = (headers: Record<string, string> = {}) =>
    api.request('POST', kind.path, { as: partner, body: { name: 'Workshop' }, headers });

  /** Makes this many beside the one that the partner has. */
  async function makeMore(count: number): Promise<Made[]> {
    const made: Made[] = [];
    for (let i = 0; i < count; i++) {
      made.push(await kind.make(api, partner));
    }
    return made;
  }

  async function expectTooMany(response: Response) {
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ type: '/problems/too-many-credentials' });
  }

  test('the sixth is refused, and nothing is written', async () => {
    await makeMore(MOST - 1);
    const before = await allRows();
    await expectTooMany(await post());
    await expectTooMany(await post({ 'idempotency-key': 'sixth' }));
    expect(await allRows()).toEqual(before);
    expect(await kind.total(api, partner)).toBe(MOST);
  });

  test('of two at once one is the fifth, and the other is refused', async () => {
    await makeMore(MOST - 2);
    const answers = await Promise.all([post(), post()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(await kind.total(api, partner)).toBe(MOST);
  });

  test('of a crowd no more than five come about', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => post()));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(MOST - 1);
    expect(await kind.total(api, partner)).toBe(MOST);
  });

  test('a deleted one makes room', async () => {
    const [first] = await makeMore(MOST - 1);
    await api.delete(kind.pathOf(first as Made), partner);
    expect((await post()).status).toBe(201);
    await expectTooMany(await post());
  });

  test('disabled and expired ones count', async () => {
    await kind.make(api, partner, { disabled: true });
    await kind.make(api, partner, { expires_at: new Date(START + 1).toISOString() });
    await makeMore(MOST - 3);
    api.now += 1;
    await expectTooMany(await post());
  });

  test('the secrets that a rotation left valid do not count', async () => {
    const [made] = await makeMore(MOST - 2);
    await kind.rotate(api, partner, made as Made, 3600);
    expect((await post()).status).toBe(201);
  });

  test("another partner's and those of the other kind do not count", async () => {
    await makeMore(MOST - 1);
    const other = await makePartner();
    await kind.make(api, other);
    for (const another of kinds.filter((each) => each !== kind)) {
      await another.make(api, partner);
    }
  });
});
