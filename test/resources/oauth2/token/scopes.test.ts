import { beforeEach, describe, expect, test } from 'vitest';
import { ON_REQUEST_ONLY } from '../../../../src/auth/scopes.ts';
import { TestApi, TICKETS } from '../../../support/api.ts';
import { apiKeys, clients } from '../../../support/credentials.ts';
import { operations } from '../../../support/document.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import { newTicket } from '../../../support/tickets.ts';
import { basic, requestToken, type Token } from '../../../support/token-requests.ts';

/** A token gets `credentials:manage` only if its request names that scope. */

const [READ, WRITE, MANAGE] = [
  'prepared-tickets:read',
  'prepared-tickets:write',
  'credentials:manage',
] as const;

const shared = new TestApi();

beforeEach(() => makePartnerOf(shared));

/** Requests a token for a new client with some scopes. If `scope` is undefined, the request omits it. */
async function requestFor(scopes: readonly string[], scope?: string): Promise<Response> {
  const { id, secret } = await clients.make(api, partner, { scopes });
  const proof = basic({ clientId: id, clientSecret: secret });
  return requestToken(api, proof, scope === undefined ? {} : { scope });
}

/** Returns the scopes of a token, determined by the operations that it allows. */
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

describe('a token request', () => {
  test.each([
    [
      'all except credentials:manage, without scope',
      [READ, WRITE, MANAGE],
      undefined,
      [READ, WRITE],
    ],
    [
      'all except credentials:manage, with an empty scope',
      [READ, WRITE, MANAGE],
      '',
      [READ, WRITE],
    ],
    ['the other scope of a client that has two, without scope', [READ, MANAGE], undefined, [READ]],
    [
      'all scopes of a client without credentials:manage, without scope',
      [READ, WRITE],
      undefined,
      [READ, WRITE],
    ],
    ['credentials:manage alone, if it is named alone', [READ, WRITE, MANAGE], MANAGE, [MANAGE]],
    [
      'credentials:manage and another scope, if both are named',
      [READ, WRITE, MANAGE],
      `${MANAGE} ${READ}`,
      [READ, MANAGE],
    ],
    [
      'all scopes, if all are named',
      [READ, WRITE, MANAGE],
      `${READ} ${WRITE} ${MANAGE}`,
      [READ, WRITE, MANAGE],
    ],
    [
      'credentials:manage, if the client has no other scope and names it',
      [MANAGE],
      MANAGE,
      [MANAGE],
    ],
    ['the subset that the request names', [READ, WRITE], WRITE, [WRITE]],
  ])('grants %s', async (_what, scopes, scope, expected) => {
    const response = await requestFor(scopes, scope);
    expect(response.status).toBe(200);
    const token = await response.json<Token>();
    expect(token.scope.split(' ').sort()).toEqual([...expected].sort());
    expect(await allowedWith(token.access_token)).toEqual(expected);
  });
});

describe('invalid_scope is returned for', () => {
  test.each([
    ['a client with only credentials:manage that does not name it', [MANAGE], undefined],
    ['a client without credentials:manage that names it', [READ, WRITE], MANAGE],
    [
      'a client without credentials:manage that names it with its own scope',
      [READ],
      `${READ} ${MANAGE}`,
    ],
    ['an unknown scope', [READ, WRITE, MANAGE], 'credentials:admin'],
    ['an unknown scope together with a valid one', [READ, WRITE, MANAGE], `${READ} credentials`],
  ])('%s', async (_what, scopes, scope) => {
    const response = await requestFor(scopes, scope);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid_scope' });
  });
});

test('the document names every scope that a token gets only on request', () => {
  const operation = operations.find(({ operationId }) => operationId === 'createToken');
  for (const text of [JSON.stringify(operation), JSON.stringify(operation?.requestBody)]) {
    expect(ON_REQUEST_ONLY.filter((scope) => !text.includes(scope))).toEqual([]);
  }
});
