import { expect } from 'vitest';
import { rateLimitPolicies } from '../../src/http/requests/rate-limit.ts';
import { catalogue } from '../../src/problems/catalogue.ts';

/** Expects the response that the draft defines for an exceeded quota. */
export async function expectExceeded(response: Response, policy: keyof typeof rateLimitPolicies) {
  const { name, quota, windowSeconds, problem } = rateLimitPolicies[policy];
  const { type, title } = catalogue[problem];
  expect(response.status).toBe(429);
  expect(response.headers.get('retry-after')).toBe(String(windowSeconds));
  expect(response.headers.get('ratelimit-policy')).toBe(`"${name}";q=${quota};w=${windowSeconds}`);
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
