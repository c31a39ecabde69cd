import { beforeEach, describe, expect, test } from 'vitest';
import { ADMINISTRATIVE } from '../../src/auth/scopes.ts';
import { newApiKey, sha256 } from '../../src/auth/secrets.ts';
import type { Scope } from '../../src/policy.ts';
import { catalogue, scopeMissingDetail } from '../../src/problems/catalogue.ts';
import { START, TestApi } from '../support/api.ts';
import { protectedOperations, scopeOf } from '../support/calls.ts';
import { allRows } from '../support/d1.ts';
import type { DocumentedOperation } from '../support/document.ts';
import { databaseOf, homeOf } from '../support/homes.ts';
import { makePartner, type TestPartner } from '../support/partners.ts';
import type { ProblemBody } from '../support/problems.ts';
import { type RefusedCaller, refuse, refusedCallers } from '../support/refused-callers.ts';
import { operationNamed, Scene } from '../support/scene.ts';
import { isThorough } from '../support/thorough.ts';
import { wrapD1 } from '../support/wrapped-d1.ts';
import { type WrongRequest, wrongRequestsOf } from '../support/wrong-requests.ts';

/**
 * Sends every operation as every caller whom the API refuses. A run that is not thorough takes each reason with some of
 * the operations, and each operation with some of the reasons.
 */

/** How long an isolate trusts a confirmed caller for reads. */
const CREDENTIAL_CACHE_TTL_MS = 60_000;
/** One of so many combinations is tried by a run that is not thorough. */
const STRIDE = isThorough ? 1 : 6;
/** The text of the statement that verifies the home of the database, which may precede the gate. */
const IDENTITY = /FROM home/;
/** The text of the statement that decides about the caller. */
const GATE = /^SELECT json_extract\('\{\}', CASE WHEN /;

/** What the D1 calls of the last request ran, and whether they succeeded. */
let calls: { texts: readonly string[]; succeeded: boolean }[] = [];
const d1 = wrapD1(async (execute, texts) => {
  const call = { texts, succeeded: false };
  calls.push(call);
  const results = await execute();
  call.succeeded = true;
  return results;
});

const numbered = refusedCallers.map((caller, n) => ({ ...caller, n }));
const getPartner = operationNamed('getPartner');

/** The app of all tests. It has seen no API key together with a new partner. */
const api = new TestApi({ DB: d1 });
api.fetch = async (url) => {
  throw new Error(`The API sent a request to ${url} for a caller whom it refuses.`);
};
/** An API key for each operation, so that a refusal of one changes nothing for the next. */
const keys = await Promise.all(
  protectedOperations.map(async () => {
    const apiKey = newApiKey('test');
    return { apiKey, hash: await sha256(apiKey) };
  }),
);

let scene: Scene;
let neighbour: TestPartner;

beforeEach(async () => {
  api.now = START;
  scene = await Scene.set();
  scene.api = api;
  neighbour = await makePartner({ home: homeOf(scene.partner) });
  const hashes = JSON.stringify(keys.map(({ hash }) => hash));
  await databaseOf(scene.partner)
    .prepare(
      `INSERT INTO api_keys (sha256, partner_id, created_at, name, last_used_at)
       SELECT value, ?1, 0, 'key', ?2 FROM json_each(?3)`,
    )
    .bind(scene.partner.partnerId, START, hashes)
    .run();
});

/** The operations that a reason can refuse, each with its own API key. */
const operationsFor = ({ problem }: RefusedCaller, n: number) =>
  protectedOperations
    .map((operation, i) => ({ operation, i, apiKey: keys[i]?.apiKey as string }))
    .filter(({ operation }) => problem !== 'scopeMissing' || scopeOf(operation) !== undefined)
    .filter(({ i }) => (i + n) % STRIDE === 0);

/** What a caller learns from a response, apart from what differs between all responses. */
async function answerOf(response: Response) {
  const { request_id: _id, ...problem } = await response.json<ProblemBody>();
  const headers = Object.fromEntries(response.headers);
  for (const name of ['x-request-id', 'server-timing', 'www-authenticate']) {
    delete headers[name];
  }
  const challenge = response.headers.get('www-authenticate') ?? '';
  return { problem, headers, challenge };
}

/** Returns what must follow the realm in the challenge of a problem (RFC 6750 §3.1). */
function errorOf(problem: RefusedCaller['problem'], operation: DocumentedOperation) {
  switch (problem) {
    case 'tokenInvalid':
    case 'tokenExpired':
      return ', error="invalid_token"';
    case 'scopeMissing':
      return `, error="insufficient_scope", scope="${scopeOf(operation)}"`;
    default:
      return '';
  }
}

/** Returns the detail of a problem. Missing credentials have one for each cause. */
function detailOf(problem: RefusedCaller['problem'], operation: DocumentedOperation) {
  switch (problem) {
    case 'credentialsMissing':
      return expect.any(String);
    case 'scopeMissing':
      return scopeMissingDetail(scopeOf(operation) as Scope);
    default:
      return catalogue[problem].detail;
  }
}

/** Sends a request as a caller whom the API refuses, and expects the response of before any handler runs. */
async function expectRefused(
  caller: RefusedCaller,
  operation: DocumentedOperation,
  apiKey: string,
  [what, changes]: WrongRequest,
  trips = caller.isLocal ? 0 : 1,
): Promise<void> {
  const { authorization = '' } = await scene.partner.headers({ now: START });
  const replaced = await caller.headers?.(scene.partner, neighbour, operation);
  const send = (headers: Record<string, string | null>) =>
    scene.send(operation, { ...changes, headers: { ...changes.headers, ...headers } });
  calls = [];
  const response = await send({ authorization, 'x-api-key': apiKey, ...replaced });
  const message = `${operation.operationId} with ${what}`;
  const { status, type, title } = catalogue[caller.problem];
  const detail = detailOf(caller.problem, operation);
  // A malformed API key is refused without any D1 call, so it shows what a handler must not change.
  const { headers } = await answerOf(await send({ 'x-api-key': 'malformed' }));
  const { challenge, ...answer } = await answerOf(response.clone() as Response);
  const expected = { ...headers, 'content-length': answer.headers['content-length'] };
  expect(response.status, message).toBe(status);
  expect(answer, message).toEqual({ problem: { status, type, title, detail }, headers: expected });
  const realm = `Bearer realm="prepared-tickets", resource_metadata="https://api.test/.well-known/oauth-protected-resource"`;
  expect(challenge, message).toBe(
    caller.problem === 'partnerMismatch' ? '' : realm + errorOf(caller.problem, operation),
  );
  const timing = response.headers.get('server-timing');
  expect(timing, message).toContain(`trips=${trips} `);
  expect(calls, message).toHaveLength(trips);
  for (const { texts, succeeded } of calls) {
    const [gate, ...others] = texts.filter((text) => !IDENTITY.test(text));
    expect(gate, message).toMatch(GATE);
    // D1 runs the statements of a call in their order and stops at the first one that fails.
    expect(succeeded && others.length > 0, message).toBe(false);
  }
}

/** The operations that are confirmed anew for each request. */
const isAdministrative = (operation: DocumentedOperation) =>
  (ADMINISTRATIVE as readonly unknown[]).includes(scopeOf(operation));

describe.each(numbered)('$what', (caller) => {
  test('is refused by an isolate that has not seen the caller, whatever is wrong with the request', async () => {
    await refuse(caller, scene.partner, neighbour);
    const before = await allRows();
    for (const { operation, i, apiKey } of operationsFor(caller, caller.n)) {
      const requests = wrongRequestsOf(operation);
      const any = requests[(i + caller.n) % requests.length];
      const some = isThorough ? new Set([requests[0], any]) : [any];
      for (const [n, request] of [...some].entries()) {
        // The first request confirms a caller whose token lacks the scope.
        const isConfirmed =
          n > 0 &&
          caller.problem === 'scopeMissing' &&
          !caller.change &&
          !isAdministrative(operation);
        const trips = isConfirmed ? 0 : undefined;
        await expectRefused(caller, operation, apiKey, request as WrongRequest, trips);
      }
    }
    expect(await allRows()).toEqual(before);
  });
});

describe.each(numbered.filter(({ isLocal }) => !isLocal))('$what', (caller) => {
  test('is refused by an isolate that has seen the caller: writes at once, reads after 60 seconds', async () => {
    const used = operationsFor(caller, caller.n + 1);
    for (const { apiKey } of used) {
      const seen = await scene.send(getPartner, { headers: { 'x-api-key': apiKey } });
      expect(seen.status).toBe(200);
    }
    await refuse(caller, scene.partner, neighbour);
    const before = await allRows();
    for (const { operation, i, apiKey } of used) {
      const requests = wrongRequestsOf(operation);
      const [valid] = requests;
      const any = requests[(i + caller.n) % requests.length] as WrongRequest;
      // Within 60 seconds the isolate needs D1 to know, unless the operation always asks.
      const isWrite = operation.method !== 'GET' && caller.headers === undefined;
      if (isAdministrative(operation) || isWrite) {
        api.now = START;
        await expectRefused(caller, operation, apiKey, isWrite ? (valid as WrongRequest) : any);
      } else {
        api.now = START + CREDENTIAL_CACHE_TTL_MS;
        await expectRefused(caller, operation, apiKey, any);
      }
    }
    expect(await allRows()).toEqual(before);
  });
});

test('each wrong request is refused with another problem if its caller is right', async () => {
  scene.api = new TestApi();
  for (const operation of protectedOperations) {
    for (const [what, changes] of wrongRequestsOf(operation).slice(1)) {
      const { status } = await scene.send(operation, changes);
      expect(
        [400, 404, 406, 412, 415],
        `${operation.operationId} with ${what}: ${status}`,
      ).toContain(status);
    }
  }
});
