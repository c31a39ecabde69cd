import { beforeEach, describe, expect, test } from 'vitest';
import { START, TestApi } from '../../support/api.ts';
import { apiKeys, clients, kinds } from '../../support/credentials.ts';
import { allRows } from '../../support/d1.ts';
import { api, makePartnerOf, partner } from '../../support/each-test.ts';
import { makeSpare } from '../../support/partners.ts';
import { expectViolations, type ViolationName } from '../../support/tickets.ts';

const shared = new TestApi();
/** The id of a client and of an API key that the tests may change. */
let spare: string;
let before: Awaited<ReturnType<typeof allRows>>;

beforeEach(async () => {
  await makePartnerOf(shared);
  spare = await makeSpare(partner);
  before = await allRows();
});

async function expectRefused(sent: Promise<Response>, ...expected: ViolationName[]) {
  await expectViolations(await sent, expected);
  expect(await allRows()).toEqual(before);
}

/** Values that are invalid for a new credential and for a changed one. */
const wrong: [what: string, body: object, violation: ViolationName][] = [
  ['an empty name', { name: '' }, 'body #/name too_short'],
  ['a name of 256 letters', { name: 'x'.repeat(256) }, 'body #/name too_long'],
  ['a name of 256 code points', { name: '🚗'.repeat(256) }, 'body #/name too_long'],
  ...['\0', '\n', '\x1b', '\x7f', '\x85', '\ud800'].map(
    (character): [string, object, ViolationName] => [
      `a name with ${JSON.stringify(character)}`,
      { name: `a${character}b` },
      'body #/name invalid_character',
    ],
  ),
  ...['\u061c', '\u200e', '\u200f', '\u202a', '\u202e', '\u2066', '\u2069'].map(
    (character): [string, object, ViolationName] => [
      `a name with ${character.codePointAt(0)?.toString(16)}, which sets the direction of text`,
      { name: `a${character}b` },
      'body #/name invalid_character',
    ],
  ),
  ...[
    '\u00ad',
    '\u200b',
    '\u2028',
    '\u2029',
    '\u2060',
    '\u3164',
    '\u115f',
    '\uffa0',
    '\ufeff',
    '\u{e0041}',
  ].map((character): [string, object, ViolationName] => [
    `a name with ${character.codePointAt(0)?.toString(16)}, which is invisible`,
    { name: `a${character}b` },
    'body #/name invalid_character',
  ]),
  [
    'a name in Latin letters with a joiner',
    { name: 'Work\u200dshop' },
    'body #/name invalid_character',
  ],
  ['a name that is null', { name: null }, 'body #/name invalid_type'],
  ['an expiry that is not a time', { expires_at: 'tomorrow' }, 'body #/expires_at invalid_format'],
  [
    'an expiry without an offset',
    { expires_at: '2026-04-01T00:00:00' },
    'body #/expires_at invalid_format',
  ],
  [
    'an expiry after the year 9999',
    { expires_at: '9999-12-31T23:59:59-01:00' },
    'body #/expires_at out_of_range',
  ],
  ['an expiry as a number', { expires_at: START }, 'body #/expires_at invalid_type'],
  ['disabled as a string', { disabled: 'true' }, 'body #/disabled invalid_type'],
  ['disabled as null', { disabled: null }, 'body #/disabled invalid_type'],
  ['a chosen secret', { secret: 'x' }, 'body #/secret unknown_member'],
  ['a partner', { partner_id: 1 }, 'body #/partner_id unknown_member'],
];

const wrongScopes: [what: string, scopes: unknown, violations: ViolationName[]][] = [
  ['as an empty array', [], ['body #/scopes out_of_range']],
  ['as a string', 'prepared-tickets:read', ['body #/scopes invalid_type']],
  ['as an empty string', '', ['body #/scopes invalid_type']],
  ['as null', null, ['body #/scopes invalid_type']],
  ['as an object', {}, ['body #/scopes invalid_type']],
  ['with an unknown scope', ['tickets:admin'], ['body #/scopes/0 invalid_format']],
  [
    'with several scopes in one string',
    ['prepared-tickets:read prepared-tickets:write'],
    ['body #/scopes/0 invalid_format'],
  ],
  [
    'with several unknown scopes and a valid one',
    ['Prepared-Tickets:Read', 'prepared-tickets:read', '', 7, 'constructor'],
    [
      'body #/scopes/0 invalid_format',
      'body #/scopes/2 invalid_format',
      'body #/scopes/3 invalid_type',
      'body #/scopes/4 invalid_format',
    ],
  ],
  [
    'with more than 20 entries',
    Array(21).fill('prepared-tickets:read'),
    ['body #/scopes out_of_range'],
  ],
];

describe.each(kinds)('$name', (kind) => {
  const own = kind === clients ? { scopes: ['prepared-tickets:read'] } : {};
  const whole = { name: 'Workshop', ...own, expires_at: null, disabled: false };
  const put = (body: object) => api.put(kind.pathOf({ id: spare }), partner, body);

  test.each(wrong)('creation and update reject %s', async (_what, body, violation) => {
    await expectRefused(api.post(kind.path, partner, { ...whole, ...body }), violation);
    await expectRefused(put({ ...whole, ...body }), violation);
  });

  test('creation requires a name', async () => {
    await expectRefused(api.post(kind.path, partner, {}), 'body #/name required');
  });

  test('update requires every member', async () => {
    const required = Object.keys(whole).map((member) => `body #/${member} required` as const);
    await expectRefused(put({}), ...required);
    for (const member of Object.keys(whole)) {
      const { [member as 'name']: _left, ...rest } = whole;
      await expectRefused(put(rest), `body #/${member} required`);
    }
  });

  test.each([START, START - 1, 0])(
    'creation rejects an expiry that is not in the future: %d',
    async (end) => {
      const body = { ...whole, expires_at: new Date(end).toISOString() };
      await expectRefused(api.post(kind.path, partner, body), 'body #/expires_at out_of_range');
    },
  );

  test.each([
    ['-1', 'out_of_range'],
    ['2592001', 'out_of_range'],
    ['1.5', 'invalid_type'],
    ['"60"', 'invalid_type'],
    ['null', 'invalid_type'],
  ])('rotation rejects an overlap of %s', async (overlap, code) => {
    const path = `${kind.pathOf({ id: spare })}/secrets`;
    const body = `{"overlap_seconds":${overlap}}`;
    await expectRefused(api.post(path, partner, body), `body #/overlap_seconds ${code}`);
  });

  test('rotation requires overlap_seconds and rejects other members', async () => {
    const path = `${kind.pathOf({ id: spare })}/secrets`;
    await expectRefused(api.post(path, partner, {}), 'body #/overlap_seconds required');
    await expectRefused(
      api.post(path, partner, { overlap_seconds: 0, secret: 'x' }),
      'body #/secret unknown_member',
    );
  });
});

test.each(wrongScopes)('a client rejects scopes %s', async (_what, scopes, violations) => {
  const body = { name: 'Workshop', scopes, expires_at: null, disabled: false };
  await expectRefused(api.post(clients.path, partner, body), ...violations);
  await expectRefused(api.put(clients.pathOf({ id: spare }), partner, body), ...violations);
});

test('an API key rejects scopes', async () => {
  const body = { name: 'Workshop', scopes: ['prepared-tickets:read'] };
  await expectRefused(api.post(apiKeys.path, partner, body), 'body #/scopes unknown_member');
});

test('all violations are returned at once', async () => {
  await expectRefused(
    api.post(clients.path, partner, {
      name: '',
      scopes: [],
      expires_at: 'x',
      disabled: 0,
      id: 1,
      x: 1,
    }),
    'body #/name too_short',
    'body #/scopes out_of_range',
    'body #/expires_at invalid_format',
    'body #/disabled invalid_type',
    'body #/x unknown_member',
  );
});
