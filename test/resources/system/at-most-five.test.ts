import { beforeEach, describe, expect, test } from 'vitest';
import { START } from '../../support/api.ts';
import { kinds, type Made } from '../../support/credentials.ts';
import { allRows } from '../../support/d1.ts';
import { api, makeApiAndPartner, partner } from '../../support/each-test.ts';
import { makePartner } from '../../support/partners.ts';

const MAX_CREDENTIALS = 5;

beforeEach(makeApiAndPartner);

describe.each(kinds)('the limit of five $names', (kind) => {
  const post = (headers: Record<string, string> = {}) =>
    api.request('POST', kind.path, { as: partner, body: { name: 'Workshop' }, headers });

  /** Creates some credentials in addition to the one that the partner has. */
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

  test('returns 409 to the creation of the sixth and writes nothing', async () => {
    await makeMore(MAX_CREDENTIALS - 1);
    const before = await allRows();
    await expectTooMany(await post());
    await expectTooMany(await post({ 'idempotency-key': 'sixth' }));
    expect(await allRows()).toEqual(before);
    expect(await kind.total(api, partner)).toBe(MAX_CREDENTIALS);
  });

  test('accepts only one of two concurrent creations if one more is allowed', async () => {
    await makeMore(MAX_CREDENTIALS - 2);
    const answers = await Promise.all([post(), post()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(await kind.total(api, partner)).toBe(MAX_CREDENTIALS);
  });

  test('holds for many concurrent creations', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => post()));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(MAX_CREDENTIALS - 1);
    expect(await kind.total(api, partner)).toBe(MAX_CREDENTIALS);
  });

  test('allows another creation after a deletion', async () => {
    const [first] = await makeMore(MAX_CREDENTIALS - 1);
    await api.delete(kind.pathOf(first as Made), partner);
    expect((await post()).status).toBe(201);
    await expectTooMany(await post());
  });

  test('includes disabled and expired ones', async () => {
    await kind.make(api, partner, { disabled: true });
    await kind.make(api, partner, { expires_at: new Date(START + 1).toISOString() });
    await makeMore(MAX_CREDENTIALS - 3);
    api.now += 1;
    await expectTooMany(await post());
  });

  test('does not include retired secrets that are still valid', async () => {
    const [made] = await makeMore(MAX_CREDENTIALS - 2);
    await kind.rotate(api, partner, made as Made, 3600);
    expect((await post()).status).toBe(201);
  });

  test('does not include those of another partner or of the other kind', async () => {
    await makeMore(MAX_CREDENTIALS - 1);
    const other = await makePartner();
    await kind.make(api, other);
    for (const another of kinds.filter((each) => each !== kind)) {
      await another.make(api, partner);
    }
  });
});
