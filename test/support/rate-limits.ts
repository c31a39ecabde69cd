import { expect } from 'vitest';
import { rateLimitPolicies } from '../../src/http/requests/rate-limit.ts';
import { catalogue } from '../../src/problems/catalogue.ts';

type PolicyName = keyof typeof rateLimitPolicies;

/** Returns `RateLimit-Policy` of a request that counted against these policies. */
export const policyHeader = (policies: readonly PolicyName[]) =>
  policies
    .map((policy) => rateLimitPolicies[policy])
    .map(({ name, quota, windowSeconds }) => `"${name}";q=${quota};w=${windowSeconds}`)
    .join(', ');

/**
 * Expects the response that the draft defines for an exceeded quota.
 *
 * @param policy the exceeded one.
 * @param counted all policies that the request counted against.
 */
export async function expectExceeded(
  response: Response,
  policy: PolicyName,
  counted: readonly PolicyName[] = [policy],
) {
  const { name, windowSeconds, problem } = rateLimitPolicies[policy];
  const { type, title } = catalogue[problem];
  expect(response.status).toBe(429);
  expect(response.headers.get('retry-after')).toBe(String(windowSeconds));
  expect(response.headers.get('ratelimit-policy')).toBe(policyHeader(counted));
  expect(response.headers.has('ratelimit'), 'no invented remaining count').toBe(false);
  expect(await response.json()).toEqual({
    type,
    title,
    status: 429,
    detail: expect.stringContaining('Retry-After'),
    'violated-policies': [name],
    request_id: response.headers.get('x-request-id'),
  });
}

/** Sends requests one after the other, and returns their statuses. */
export async function statusesOf(send: () => Promise<Response>, times: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < times; i++) {
    statuses.push((await send()).status);
  }
  return statuses;
}
