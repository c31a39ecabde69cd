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

/** Compares a response of status 400 or above with the catalogue. Accepts every other response. */
export async function expectProblem(request: Request, response: Response): Promise<void> {
  const { status, headers } = response;
  if (status < 400 || isOAuthError(request, response)) {
    return;
  }
  const what = `${request.method} ${request.url} ${status}`;
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
  expect(problem.request_id, what).toBe(headers.get('x-request-id'));
  const [name] = known as (typeof definitions)[number];
  expect(problem.violations !== undefined, `${what} has violations`).toBe(name === 'violations');
  seenProblems.add(name);
  for (const { code, detail } of problem.violations ?? []) {
    expect(Object.keys(violationCodes), what).toContain(code);
    expect(detail, `${what}: ${code} says what to send in one sentence`).toMatch(/^[A-Z].+\.$/s);
    seenCodes.add(code);
  }
}
