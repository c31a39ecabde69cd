import { expect } from 'vitest';
import { catalogue, type ProblemName } from '../../src/problems/catalogue.ts';
import type { Violation } from '../../src/problems/problem.ts';
import { type ViolationCode, violationCodes } from '../../src/problems/violation-codes.ts';

/** A problem in a response. */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  request_id: string;
  violations?: Violation[];
  omitted_violations?: number;
}

/** Every problem and every violation code that a response in the tests had. */
export const seenProblems = new Set<ProblemName>();
export const seenCodes = new Set<ViolationCode>();

const definitions = Object.entries(catalogue) as [ProblemName, (typeof catalogue)[ProblemName]][];

/** Returns whether a response is an OAuth error of the token endpoint (RFC 6749 §5.2), which is not a problem. */
function isOAuthError(request: Request, response: Response): boolean {
  return (
    new URL(request.url).pathname === '/oauth2/token' &&
    (response.status === 400 || response.status === 401)
  );
}

/** Matches a sentence that lists four words or more with commas, or two scopes or more. */
const LIST = /(?:[\w.:-]+, ){3}|(?:[\w-]+:[\w-]+,? ){2}/;

/**
 * Expects a sentence that cannot grow beyond its maximum: it names the guide of what it could list, because one more
 * entry would make it longer.
 */
const expectNoList = (sentence: string, what: string) =>
  expect(sentence, `${what} has a list that can grow`).not.toMatch(LIST);

/** Compares a response of status 400 or above with the catalogue. Accepts every other response. */
export async function expectProblem(request: Request, response: Response): Promise<void> {
  const { status, headers } = response;
  if (status < 400) {
    return;
  }
  const what = `${request.method} ${request.url} ${status}`;
  if (isOAuthError(request, response)) {
    const { error_description } = await response.clone().json<{ error_description: string }>();
    expectNoList(error_description, what);
    return;
  }
  expect(headers.get('content-type'), what).toBe('application/problem+json');
  if (request.method === 'HEAD') {
    return;
  }
  const problem = await response.clone().json<ProblemBody>();
  const known = definitions.find(
    ([, { type, title, status }]) =>
      type === problem.type && title === problem.title && status === problem.status,
  );
  expect(known, `${what}: ${JSON.stringify(problem)} is not in the catalogue`).toBeDefined();
  expect(problem.status, what).toBe(status);
  expect(problem.detail, what).toMatch(/\S/);
  expectNoList(problem.detail, what);
  expect(problem.request_id, what).toBe(headers.get('x-request-id'));
  const [name] = known as (typeof definitions)[number];
  expect(problem.violations !== undefined, `${what} has violations`).toBe(name === 'violations');
  seenProblems.add(name);
  for (const { code, detail } of problem.violations ?? []) {
    expect(Object.keys(violationCodes), what).toContain(code);
    expect(detail, `${what}: ${code} says what to send in one sentence`).toMatch(/^[A-Z].+\.$/s);
    expectNoList(detail, what);
    seenCodes.add(code);
  }
}
