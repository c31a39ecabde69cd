import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { START, TestApi, TICKETS } from '../../../support/api.ts';
import { WatchedD1 } from '../../../support/d1.ts';
import { api, makeApiAndPartner, partner, useApi } from '../../../support/each-test.ts';
import { makePartner } from '../../../support/partners.ts';
import { basic, post, requestToken, type Token } from '../../../support/token-requests.ts';

const ALL = 'prepared-tickets:read prepared-tickets:write events:read';

beforeEach(makeApiAndPartner);

async function granted(response: Response): Promise<Token> {
  expect(response.status).toBe(200);
  return response.json<Token>();
}

describe.each([
  ['client_secret_basic', basic],
  ['client_secret_post', post],
])('%s', (_name, authenticate) => {
  test('returns a token response (RFC 6749 §5.1) that no cache may store', async () => {
    const response = await requestToken(api, authenticate(partner));
    expect(await granted(response)).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      expires_in: 3600,
      token_type: 'Bearer',
      scope: ALL,
    });
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('pragma')).toBe('no-cache');
    expect(response.headers.has('x-d1-bookmark'), 'nothing was written').toBe(false);
  });

  test('returns a token that is accepted until it expires', async () => {
    const { access_token, expires_in } = await granted(
      await requestToken(api, authenticate(partner)),
    );
    const headers = { authorization: `Bearer ${access_token}`, 'x-api-key': partner.apiKey };
    const list = () => api.request('GET', TICKETS, { headers });
    expect((await list()).status).toBe(200);
    api.now += expires_in * 1000 - 1;
    expect((await list()).status).toBe(200);
    api.now += 1;
    expect((await list()).status).toBe(401);
  });

  test('costs one query to D1', async () => {
    const d1 = new WatchedD1();
    useApi(new TestApi({ DB: d1.db }));
    expect(await d1.cost(() => requestToken(api, authenticate(partner)))).toBe(1);
  });

  test('accepts any character in the form-encoded id and secret', async () => {
    const odd = await makePartner({ clientId: 'a b:c%d+ü', clientSecret: 'p%20:+ &=é€' });
    await granted(await requestToken(api, authenticate(odd)));
  });

  test.each([
    ['one of its scopes', 'prepared-tickets:read', 'prepared-tickets:read'],
    ['all of its scopes', ALL, ALL],
    ['each scope once, if one is repeated', `prepared-tickets:read ${ALL}`, ALL],
    ['a scope with additional spaces', ' prepared-tickets:write  ', 'prepared-tickets:write'],
    ['all of its scopes for an empty scope', '', ALL],
  ])('grants %s', async (_name, scope, expected) => {
    const token = await granted(await requestToken(api, authenticate(partner), { scope }));
    expect(token.scope).toBe(expected);
  });

  test('grants a client no other scopes than its own', async () => {
    const reader = await makePartner({ scopes: ['prepared-tickets:read'] });
    const token = await granted(await requestToken(api, authenticate(reader)));
    expect(token.scope).toBe('prepared-tickets:read');
    const headers = { authorization: `Bearer ${token.access_token}`, 'x-api-key': reader.apiKey };
    expect((await api.request('GET', TICKETS, { headers })).status).toBe(200);
    expect((await api.request('POST', TICKETS, { headers, body: {} })).status).toBe(403);
  });
});

test('a client may send its id in the body in addition to the header', async () => {
  await granted(await requestToken(api, basic(partner), { client_id: partner.clientId }));
});

test('the scheme and the media type are case-insensitive, and the type may have parameters', async () => {
  const { headers, form } = basic(partner);
  await granted(
    await requestToken(api, {
      headers: {
        authorization: headers.authorization?.replace('Basic', 'BASIC') as string,
        'content-type': 'APPLICATION/x-www-form-urlencoded; charset=UTF-8',
      },
      form,
    }),
  );
});

test('an unknown parameter is ignored (RFC 6749 §3.2)', async () => {
  await granted(await requestToken(api, post(partner), { resource: 'https://api.test' }));
});

describe('an access token', () => {
  test('is an RFC 9068 JWT that can be verified with the published key set and metadata', async () => {
    const { access_token } = await granted(await requestToken(api, basic(partner)));
    const metadata = await (await api.get('/.well-known/oauth-authorization-server')).json<{
      issuer: string;
      jwks_uri: string;
    }>();
    const jwks = await (await api.get(new URL(metadata.jwks_uri).pathname)).json();
    const { payload, protectedHeader } = await jwtVerify(
      access_token,
      createLocalJWKSet(jwks as never),
      {
        issuer: metadata.issuer,
        audience: metadata.issuer,
        typ: 'at+jwt',
        algorithms: ['ES256'],
        currentDate: new Date(api.now),
      },
    );
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) });
    const now = START / 1000;
    expect(payload).toEqual({
      iss: 'https://api.test',
      aud: 'https://api.test',
      sub: partner.clientId,
      client_id: partner.clientId,
      partner_id: partner.partnerId,
      scope: ALL,
      iat: now,
      exp: now + 3600,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test('is different for each request, and is signed with the first published key', async () => {
    const tokens = [1, 2].map(async () => granted(await requestToken(api, basic(partner))));
    const [first, second] = (await Promise.all(tokens)) as [Token, Token];
    expect(first.access_token).not.toBe(second.access_token);
    const { keys } = await (await api.get('/.well-known/jwks.json')).json<{
      keys: { kid: string }[];
    }>();
    expect(decodeProtectedHeader(first.access_token).kid).toBe(keys[0]?.kid);
  });
});
