import { beforeEach, describe, expect, test, vi } from 'vitest';
import { catalogue, type ProblemName } from '../../src/problems/catalogue.ts';
import { TestApi, TICKETS } from '../support/api.ts';
import { WatchedD1 } from '../support/d1.ts';
import { api, makePartnerOf, partner } from '../support/each-test.ts';
import { attackersPublicKey } from '../support/forging.ts';
import type { ProblemBody } from '../support/problems.ts';
import { faultyTokens, goodTokens } from '../support/tokens.ts';

/** A documented attack on JWTs and the faulty tokens that attempt it. */
interface Attack {
  readonly attack: string;
  /** Matches the names of the faulty tokens. */
  readonly faults: RegExp;
  /** The minimum number of tokens that attempt it, so that none is lost unnoticed. */
  readonly tried: number;
  /** The problem of the response; `tokenInvalid` by default. */
  readonly problem?: ProblemName;
}

const documentedAttacks: readonly Attack[] = [
  {
    attack: 'alg none, in any case (RFC 8725 §2.1, CVE-2015-9235)',
    faults: /^of alg none/i,
    tried: 11,
  },
  {
    attack: 'a missing alg, or one that is not a string',
    faults: /^of (no|an empty|a list of) alg|^of alg null$/,
    tried: 5,
  },
  {
    attack: 'an alg that does not fit the key (RFC 8725 §3.1)',
    faults: /^of alg (?!n).+ with a good/i,
    tried: 8,
  },
  {
    attack: 'the public key of this API as an HMAC secret (RFC 8725 §2.1, CVE-2016-5431)',
    faults: /^of HS\d+ with our public key/,
    tried: 12,
  },
  { attack: 'a key of the attacker', faults: /^signed by a stranger/, tried: 2 },
  {
    attack: 'a key embedded in the token as jwk (CVE-2018-0114)',
    faults: /\bjwk\b/,
    tried: 6,
  },
  { attack: 'a key embedded in the token as x5c', faults: /\bx5c\b/, tried: 3 },
  { attack: 'a key that jku points to (RFC 8725 §3.10)', faults: /\bjku\b/, tried: 6 },
  { attack: 'a key that x5u points to (RFC 8725 §3.10)', faults: /\bx5u\b/, tried: 3 },
  {
    attack: 'a kid that is a path, SQL, or unknown (RFC 8725 §3.10)',
    faults: /^of (.* )?kid\b/,
    tried: 17,
  },
  { attack: 'a kid that refers to a known secret', faults: /^of HS256 with the /, tried: 2 },
  {
    attack: 'an unsupported extension in crit (RFC 7515 §4.1.11, RFC 7797 §7)',
    faults: /\bextension\b|\bcrit\b|unencoded/,
    tried: 10,
  },
  {
    attack: 'a JWT for another purpose (RFC 8725 §3.11, RFC 9068 §4)',
    faults: /^of (typ|no typ|an empty typ|a list of typs)\b/,
    tried: 10,
  },
  {
    attack: 'r or s out of range, including zero (CVE-2022-21449)',
    faults: /^of a signature with [rs] = /,
    tried: 11,
  },
  {
    attack: 'a missing signature, or one of the wrong length or form',
    faults: /^of (an empty|half a) signature|^of a signature (in|over|twice|with (a byte|r and s))/,
    tried: 10,
  },
  {
    attack: 'another encoding of a valid signature (RFC 7515 §2)',
    faults: /^of a signature with (=|A|a character|a space|a tab|bits)/,
    tried: 11,
  },
  { attack: 'an expired token', faults: /^expired/, tried: 3, problem: 'tokenExpired' },
  { attack: 'a missing exp, or one that is not a time', faults: /^of (no|an) exp\b/, tried: 10 },
  { attack: 'a token that is not yet valid', faults: /^not yet|\bnbf\b/, tried: 3 },
  { attack: 'another issuer (RFC 8725 §3.8)', faults: /\bissuers?\b/, tried: 8 },
  { attack: 'another audience (RFC 8725 §3.9)', faults: /\baudiences?\b/, tried: 11 },
  {
    attack: 'missing claims, or claims of the wrong type (RFC 9068 §2.2)',
    faults: /^of (no|a) (partner|client|scope|iat|sub|jti)\b/,
    tried: 11,
  },
  {
    attack: 'repeated member names (RFC 7519 §4)',
    faults: /^of (two (?!parts)|one partner twice)/,
    tried: 14,
  },
  {
    attack: 'fewer or more than three parts (RFC 7515 §7.1)',
    faults: /^that is no JWT$|^of dots$|^of (two|four) parts|^of a dot/,
    tried: 7,
  },
  {
    attack: 'parts of two valid tokens',
    faults: /payload exchanged$|^of the payload of another/,
    tried: 3,
  },
  {
    attack: 'another encoding of a valid token',
    faults: /^in (lower|upper) case$|padded payload$/,
    tried: 3,
  },
  { attack: 'JSON serialization (RFC 7515 §7.2)', faults: /^in .* JSON$/, tried: 2 },
  { attack: 'a nested or encrypted token (RFC 7519 §5.2)', faults: /nested|public key$/, tried: 2 },
  {
    attack: 'an excessive PBES2 iteration count (CVE-2022-36083)',
    faults: /endless rounds/,
    tried: 1,
  },
  {
    attack: 'a header or payload that is not a JSON object in UTF-8 (RFC 8725 §3.7)',
    faults: /^of a (header|payload) (that is|behind)/,
    tried: 12,
  },
  { attack: 'a token that is too long', faults: /too long$|megabyte/, tried: 2 },
];

const names = Object.keys(faultyTokens);

let d1: WatchedD1;

beforeEach(async () => {
  d1 = new WatchedD1();
  await makePartnerOf(new TestApi({ DB: d1.db }));
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () =>
    Response.json({ keys: [attackersPublicKey] }),
  );
});

function listWith(token: string): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'x-api-key': partner.apiKey };
  return api.request('GET', TICKETS, { headers });
}

/** Returns everything in a response except the request id. */
async function summarize(response: Response) {
  const { request_id: _id, ...problem } = await response.json<ProblemBody>();
  const headers = Object.fromEntries(response.headers);
  return { status: response.status, problem, headers: { ...headers, 'x-request-id': '' } };
}

test('every faulty token belongs to a documented attack', () => {
  for (const name of names) {
    const attacks = documentedAttacks.filter(({ faults }) => faults.test(name));
    expect(
      attacks.map(({ attack }) => attack),
      name,
    ).toHaveLength(1);
  }
});

describe.each(documentedAttacks)('$attack', ({ faults, tried, problem = 'tokenInvalid' }) => {
  const found = names.filter((name) => faults.test(name));

  test('is attempted by the expected number of tokens', () => {
    expect(found.length).toBeGreaterThanOrEqual(tried);
  });

  test('gets the same response as any other, without a D1 call or a fetch', async () => {
    const { type, title, detail } = catalogue[problem];
    const opaque = await summarize(await listWith('opaque'));
    // Every invalid token gets an identical response. An expired one differs only in its problem.
    const expected = { ...opaque, problem: { ...opaque.problem, type, title, detail } };
    expect(expected).toMatchObject({
      status: 401,
      problem: { type: expect.stringMatching(/^\/problems\/token-(invalid|expired)$/) },
      headers: { 'www-authenticate': expect.stringMatching(/^Bearer .*, error="invalid_token"$/) },
    });
    for (const name of found) {
      const token = await faultyTokens[name]?.(partner, api.now);
      expect(await summarize(await listWith(token as string)), name).toEqual(expected);
    }
    expect(d1.calls).toBe(0);
    expect(fetch).not.toHaveBeenCalled();
  });
});

test.each(Object.entries(goodTokens))('accepts a token %s', async (_what, forge) => {
  expect((await listWith(await forge(partner, api.now))).status).toBe(200);
  expect(fetch).not.toHaveBeenCalled();
});

test('rejects a faulty token while the valid token it was made from is cached', async () => {
  const good = await partner.token(api.now);
  expect((await listWith(good)).status).toBe(200);
  const [header, payload, signature] = good.split('.') as [string, string, string];
  for (const faulty of [`${good}=`, `${header}.${payload}.`, `${payload}.${header}.${signature}`]) {
    expect((await listWith(faulty)).status, faulty).toBe(401);
  }
});
