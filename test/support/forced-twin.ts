import { expect } from 'vitest';
import type { ProblemDefinition } from '../../src/problems/definition.ts';
import type { ListedProblem } from '../../src/problems/responses.ts';
import { TestApi } from './api.ts';
import type { DocumentedOperation } from './document.ts';
import type { Scene } from './scene.ts';

/** The isolate that answers with forced problems. Its keys are of the kind `test`. */
const isolate = new TestApi();

/** Returns the preference that asks for a problem: by the last step of its type, or by its status. */
const preferenceFor = ({ type, status }: ProblemDefinition): string =>
  type === 'about:blank' ? `code=${status}` : `problem=${type.split(/[/#]/).at(-1)}`;

/**
 * Headers that tell of a single request: its id, what its D1 calls saw and cost, and what it preferred. Of
 * `RateLimit-Policy`, only the presence counts: how many policies a request meets before it is refused differs.
 */
const OF_THE_REQUEST = ['x-request-id', 'x-d1-bookmark', 'server-timing', 'preference-applied'];

/** Returns what a forced problem and the real one have in common. */
async function likenessOf(response: Response) {
  const { type, title, status, ...members } = await response.clone().json<ProblemDefinition>();
  const headers = Object.fromEntries(response.headers);
  for (const name of OF_THE_REQUEST) {
    delete headers[name];
  }
  return {
    ...{ type, title, status, statusOfResponse: response.status },
    members: Object.keys(members),
    headers: { ...headers, 'ratelimit-policy': 'ratelimit-policy' in headers },
  };
}

/**
 * Sends a valid request that asks for a problem, and compares the response with the real problem, and with the schema
 * and the example of the document.
 *
 * @param listed the problem as the document lists it.
 * @param real a response with the real problem.
 */
export async function expectForcedTwin(
  scene: Scene,
  operation: DocumentedOperation,
  { definition, example }: ListedProblem,
  real: Response,
): Promise<void> {
  const prefer = preferenceFor(definition);
  const what = `${operation.operationId} with ${prefer}`;
  const forced = await isolate.send(await scene.prepare(operation, { headers: { prefer } }));
  expect(forced.headers.get('preference-applied'), what).toBe(prefer);
  const request_id = forced.headers.get('x-request-id');
  expect(await forced.clone().json(), what).toEqual({ ...example, request_id });
  expect(await likenessOf(forced), what).toEqual(await likenessOf(real));
}
