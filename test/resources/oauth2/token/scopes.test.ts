import { beforeEach, describe, expect, test } from 'vitest';
import { TestApi, TICKETS } from '../../../support/api.ts';
import { apiKeys, clients } from '../../../support/credentials.ts';
import { makePartner, type TestPartner } from '../../../support/partners.ts';
import { newTicket } from '../../../support/tickets.ts';
import { basic, requestToken, type Token } from '../../../support/token-requests.ts';

/** `credentials:manage` is had only by a token whose request names it. */

const [READ, WRITE, MANAGE] = [
  'prepared-tickets:read',
  'prepared-tickets:write',
  'credentials:manage',
] as const;

const api = new TestApi();
let partner: TestPartner;

beforeEach(async () => {
  partner = await makePartner();
});

/** A token of a new client with these scopes, for a request with `scope`; undefined leaves it out. */
async function ask(scopes: readonly string[], scope?: string): Promise<Response> {
  const { id, secret } = await clients.make(api, partner, { scopes });
  const proof = basic({ clientId: id, clientSecret: secret });
  return requestToken(api, proof, scope === undefined ? {} : { scope });
}

/** Which scopes a token has: by what it may do. */
async function allowedWith(token: string): Promise<string[]> {
  const headers = { authorization: `Bearer ${token}`, 'x-api-key': partner.apiKey };
  const answers = {
    [READ]: await api.request('GET', TICKETS, { headers }),
    [WRITE]: await api.request('POST', TICKETS, { headers, body: newTicket }),
    [MANAGE]: await api.request('GET', clients.path, { headers }),
  };
  expect((await api.request('GET', apiKeys.path, { headers })).status).toBe(answers[MANAGE].status);
  const allowed = Object.entries(answers).filter(([, { status }]) => status !== 403);
  expect(allowed.every(([, { ok }]) => ok)).toBe(true);
  return allowed.map(([scope]) => scope);
}

describe('a token has', () => {
  test.each([
    ['of a client with all, without scope', [READ, WRITE, MANAGE], undefined, [READ, WRITE]],
    ['of a client with all, with an empty scope', [READ, WRITE, MANAGE], '', [READ, WRITE]],
    ['of a client with two, without scope', [READ, MANAGE], undefined, [READ]],
    ['of a client without it, without scope', [READ, WRITE], undefined, [READ, WRITE]],
    ['with it named alone', [READ, WRITE, MANAGE], MANAGE, [MANAGE]],
    ['with it named beside another', [READ, WRITE, MANAGE], `${MANAGE} ${READ}`, [READ, MANAGE]],
    ['with all named', [READ, WRITE, MANAGE], `${READ} ${WRITE} ${MANAGE}`, [READ, WRITE, MANAGE]],
    ['of a client with nothing else, by its name', [MANAGE], MANAGE, [MANAGE]],
    ['narrowed', [READ, WRITE], WRITE, [WRITE]],
  ])('%s', async (_what, scopes, scope, expected) => {
    const response = await ask(scopes, scope);
    expect(response.status).toBe(200);
    const token = await response.json<Token>();
    expect(token.scope.split(' ').sort()).toEqual([...expected].sort());
    expect(await allowedWith(token.access_token)).toEqual(expected);
  });
});

describe('invalid_scope', () => {
  test.each([
    ['a client with nothing but credentials:manage that does not name it', [MANAGE], undefined],
    ['a client without it that names it', [READ, WRITE], MANAGE],
    ['a client without it that names it beside its own', [READ], `${READ} ${MANAGE}`],
    ['an unknown scope', [READ, WRITE, MANAGE], 'credentials:admin'],
    ['an unknown scope beside a good one', [READ, WRITE, MANAGE], `${READ} credentials`],
  ])('%s', async (_what, scopes, scope) => {
    const response = await ask(scopes, scope);
    expect(response.status).toBe(400);
    const body = await response.json<{ error: string; error_description: string }>();
    expect(body.error).toBe('invalid_scope');
    expect(body.error_description, 'says what it may ask for').toContain(scopes.join(' '));
  });
});
