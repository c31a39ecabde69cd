import { newApiKey } from '../../src/auth/secrets.ts';
import type { Scope } from '../../src/policy.ts';
import type { ProblemName } from '../../src/problems/catalogue.ts';
import { scopeOf } from './calls.ts';
import type { DocumentedOperation } from './document.ts';
import { databaseOf } from './homes.ts';
import { TestPartner } from './partners.ts';
import { START } from './start.ts';
import { faultyTokens } from './tokens.ts';

/** What a reason may replace in the headers of a valid request. `null` removes a header. */
type HeaderChanges = Record<string, string | null>;

/** A caller whom the API refuses, and what it must answer. */
export interface RefusedCaller {
  readonly what: string;
  readonly problem: ProblemName;
  /** What is changed in the database. ?1 is the id of the partner, and ?2 that of a partner beside it. */
  readonly change?: readonly string[];
  /** Returns what replaces the headers of a valid request of an operation. */
  readonly headers?: (
    partner: TestPartner,
    neighbour: TestPartner,
    operation: DocumentedOperation,
  ) => Promise<HeaderChanges>;
  /** Whether the request alone tells it, so that D1 is not asked. */
  readonly isLocal?: boolean;
}

const { now } = { now: START };

/** Returns a token that has each scope but the one that an operation requires. */
async function withoutScope(
  partner: TestPartner,
  _neighbour: TestPartner,
  operation: DocumentedOperation,
): Promise<HeaderChanges> {
  const scopes = partner.scopes.filter((scope) => scope !== scopeOf(operation));
  const { authorization = '' } = await partner.headers({ now }, scopes as Scope[]);
  return { authorization };
}
const unknownKey = async (): Promise<HeaderChanges> => ({ 'x-api-key': newApiKey('test') });
const malformedKey = async (): Promise<HeaderChanges> => ({ 'x-api-key': 'ptk_test_x' });
const foreignKey = async (
  _partner: TestPartner,
  { apiKey }: TestPartner,
): Promise<HeaderChanges> => ({
  'x-api-key': apiKey,
});
const faultyToken =
  (fault: string): RefusedCaller['headers'] =>
  async (partner) => ({ authorization: `Bearer ${await faultyTokens[fault]?.(partner, now)}` });
/** Returns the headers of several reasons together. */
const both =
  (...each: NonNullable<RefusedCaller['headers']>[]): RefusedCaller['headers'] =>
  async (...args) =>
    Object.assign({}, ...(await Promise.all(each.map((headers) => headers(...args)))));

const setKeys = (values: string) => `UPDATE api_keys SET ${values} WHERE partner_id = ?1`;
const setClients = (values: string) => `UPDATE clients SET ${values} WHERE partner_id = ?1`;
const disabledClient = [setClients('disabled_at = 1')];
const expiredClient = [setClients(`expires_at = ${START}`)];
const deletedClient = ['DELETE FROM clients WHERE partner_id = ?1'];
const revokedTokens = [setClients(`tokens_from = ${START + 1000}`)];
const lostScopes = [setClients("scopes = ''")];
const disabledKey = [setKeys('disabled_at = 1')];
const disabledPartner = ['UPDATE partners SET disabled_at = 1 WHERE id = ?1'];

/** The reasons that the headers of a request tell, without a change of the database. */
const byHeaders: readonly RefusedCaller[] = [
  {
    ...{ what: 'no token', problem: 'credentialsMissing', isLocal: true },
    headers: async () => ({ authorization: null }),
  },
  {
    ...{ what: 'no API key', problem: 'credentialsMissing', isLocal: true },
    headers: async () => ({ 'x-api-key': null }),
  },
  {
    ...{ what: 'a malformed token', problem: 'tokenInvalid', isLocal: true },
    headers: async () => ({ authorization: 'Bearer a.b.c' }),
  },
  {
    ...{ what: 'an expired token', problem: 'tokenExpired', isLocal: true },
    headers: faultyToken('expired'),
  },
  {
    ...{ what: 'a malformed API key', problem: 'apiKeyInvalid', isLocal: true },
    headers: malformedKey,
  },
  { what: 'an unknown API key', problem: 'apiKeyInvalid', headers: unknownKey },
  { what: "another partner's API key", problem: 'partnerMismatch', headers: foreignKey },
  {
    ...{ what: 'the token of an unknown client', problem: 'tokenInvalid' },
    headers: async ({ partnerId }) => {
      const { authorization = '' } = await new TestPartner(partnerId).headers({ now });
      return { authorization };
    },
  },
  { what: 'a token without the scope', problem: 'scopeMissing', headers: withoutScope },
];

/** The reasons that only the database tells. */
export const revokedCallers: readonly RefusedCaller[] = [
  { what: 'a disabled API key', problem: 'apiKeyInvalid', change: disabledKey },
  {
    ...{ what: 'an expired API key', problem: 'apiKeyInvalid' },
    change: [setKeys(`expires_at = ${START}`)],
  },
  {
    ...{ what: 'a deleted API key', problem: 'apiKeyInvalid' },
    change: ['DELETE FROM api_keys WHERE partner_id = ?1'],
  },
  {
    ...{ what: 'a rotated API key after its overlap', problem: 'apiKeyInvalid' },
    change: [
      `INSERT INTO retired_secrets (sha256, api_key_id, retired_at, expires_at)
       SELECT sha256, id, 0, ${START} FROM api_keys WHERE partner_id = ?1`,
      setKeys("sha256 = 'x' || id"),
    ],
  },
  {
    ...{ what: 'an API key that went to another partner', problem: 'partnerMismatch' },
    change: [setKeys('partner_id = ?2')],
  },
  { what: 'a disabled client', problem: 'tokenInvalid', change: disabledClient },
  { what: 'an expired client', problem: 'tokenInvalid', change: expiredClient },
  { what: 'a deleted client', problem: 'tokenInvalid', change: deletedClient },
  {
    ...{ what: 'a client that went to another partner', problem: 'tokenInvalid' },
    change: [setClients('partner_id = ?2')],
  },
  { what: 'a disabled partner', problem: 'tokenInvalid', change: disabledPartner },
  { what: 'a revoked token', problem: 'tokenInvalid', change: revokedTokens },
  { what: 'a client that lost the scope', problem: 'scopeMissing', change: lostScopes },
];

/** Two reasons at once, of which the first one decides, and at least one of which the headers tell. */
const precedences: readonly RefusedCaller[] = [
  {
    ...{ what: 'an expired token before no API key', problem: 'tokenExpired', isLocal: true },
    headers: both(faultyToken('expired') as never, async () => ({ 'x-api-key': null })),
  },
  {
    ...{ what: 'a malformed API key before a disabled partner', problem: 'apiKeyInvalid' },
    ...{ headers: malformedKey, change: disabledPartner, isLocal: true },
  },
  {
    ...{ what: 'a malformed API key before a missing scope', problem: 'apiKeyInvalid' },
    ...{ headers: both(malformedKey, withoutScope), isLocal: true },
  },
  {
    ...{ what: 'a disabled client before an unknown API key', problem: 'tokenInvalid' },
    ...{ headers: unknownKey, change: disabledClient },
  },
  {
    ...{ what: "a disabled client before another partner's API key", problem: 'tokenInvalid' },
    ...{ headers: foreignKey, change: disabledClient },
  },
  {
    ...{ what: 'a disabled partner before an unknown API key', problem: 'tokenInvalid' },
    ...{ headers: unknownKey, change: disabledPartner },
  },
  {
    ...{ what: "a disabled partner before another partner's API key", problem: 'tokenInvalid' },
    ...{ headers: foreignKey, change: disabledPartner },
  },
  {
    ...{ what: 'a disabled partner before a missing scope', problem: 'tokenInvalid' },
    ...{ headers: withoutScope, change: disabledPartner },
  },
  {
    ...{ what: 'an unknown API key before an expired client', problem: 'apiKeyInvalid' },
    ...{ headers: unknownKey, change: expiredClient },
  },
  {
    ...{ what: 'an unknown API key before a revoked token', problem: 'apiKeyInvalid' },
    ...{ headers: unknownKey, change: revokedTokens },
  },
  {
    ...{ what: 'an unknown API key before a missing scope', problem: 'apiKeyInvalid' },
    headers: both(unknownKey, withoutScope),
  },
  {
    ...{ what: "another partner's API key before an expired client", problem: 'partnerMismatch' },
    ...{ headers: foreignKey, change: expiredClient },
  },
  {
    ...{ what: "another partner's API key before a revoked token", problem: 'partnerMismatch' },
    ...{ headers: foreignKey, change: revokedTokens },
  },
  {
    ...{ what: "another partner's API key before a missing scope", problem: 'partnerMismatch' },
    headers: both(foreignKey, withoutScope),
  },
  {
    ...{ what: 'an expired client before a missing scope', problem: 'tokenInvalid' },
    ...{ headers: withoutScope, change: expiredClient },
  },
  {
    ...{ what: 'a revoked token before a missing scope', problem: 'tokenInvalid' },
    ...{ headers: withoutScope, change: revokedTokens },
  },
];

/** Reasons of the database of which the first one of two decides, in their order. */
const inOrder = [
  ...['a disabled client', 'a disabled API key', 'an API key that went to another partner'],
  ...['an expired client', 'a revoked token', 'a client that lost the scope'],
].map((what) => revokedCallers.find((each) => each.what === what) as RefusedCaller);

const pairs = inOrder.flatMap((first, i) =>
  inOrder.slice(i + 1).map(
    (second): RefusedCaller => ({
      what: `${first.what} before ${second.what}`,
      problem: first.problem,
      change: [...(first.change ?? []), ...(second.change ?? [])],
    }),
  ),
);

/** Every caller whom the API refuses: each reason, and two at once where it matters which one decides. */
export const refusedCallers = [...byHeaders, ...revokedCallers, ...precedences, ...pairs];

/** Makes what a reason changes in the database happen. */
export async function refuse(
  { change = [] }: RefusedCaller,
  partner: TestPartner,
  neighbour: TestPartner,
): Promise<void> {
  const database = databaseOf(partner);
  if (change.length > 0) {
    await database.batch(
      change.map((sql) =>
        sql.includes('?2')
          ? database.prepare(sql).bind(partner.partnerId, neighbour.partnerId)
          : database.prepare(sql).bind(partner.partnerId),
      ),
    );
  }
}
