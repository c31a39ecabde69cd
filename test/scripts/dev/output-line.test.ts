import { expect, it } from 'vitest';
import { readableLine } from '../../../scripts/dev/output-line.ts';

const request = {
  ...{ event: 'request', request_id: 'r1', operation: 'listPreparedTickets', method: 'GET' },
  ...{ status: 200, duration: 12, partner: 1, trips: 2, rows_read: 5, rows_written: 0 },
};

it('prints one line for a request, although the Worker and wrangler log it', () => {
  const lines = [JSON.stringify(request), '[wrangler:info] GET /v2/tickets?vin=X 200 OK (14ms)'];
  expect(lines.map(readableLine)).toEqual([
    'GET 200 listPreparedTickets: 12 ms, 2 round trips, 5 rows read, 0 written, partner 1, request r1',
    undefined,
  ]);
});

it("prints wrangler's line for a page of the docs site, which does not pass through the Worker", () => {
  const line = '[wrangler:info] GET /docs/errors 200 OK (3ms) `Sec-Fetch-Mode` header present';
  expect(readableLine(line)).toBe('GET /docs/errors 200 OK (3ms)');
});

it('prints a request that matches no operation', () => {
  const { operation: _operation, partner: _partner, ...line } = request;
  const printed = readableLine(JSON.stringify({ ...line, operation: null, status: 404 }));
  expect(printed).toContain('GET 404 no operation: 12 ms');
});

it('marks a request that asked for its problem', () => {
  const printed = readableLine(JSON.stringify({ ...request, status: 503, forced: true }));
  expect(printed).toContain('GET 503 (forced) listPreparedTickets: 12 ms');
});

it('prints a fault with its stack on lines of their own', () => {
  const fault = { event: 'fault', request_id: 'r1', error: 'TypeError', message: 'x is undefined' };
  const text = `✘ [ERROR] ${JSON.stringify({ ...fault, stack: 'TypeError: x\n    at f (a.ts:1:2)' })}`;
  expect(readableLine(text)).toBe(
    'fault: request_id=r1 error=TypeError message=x is undefined\nTypeError: x\n    at f (a.ts:1:2)',
  );
});

it('keeps every other line of wrangler', () => {
  for (const line of ['✘ [ERROR] Build failed with 1 error:', '{"event":"broken', '']) {
    expect(readableLine(line)).toBe(line);
  }
});

it('hides the lines of the build that brings the docs site', () => {
  const lines = [
    'The file /clone/.wrangler/docs-site-built changed, restarting build...',
    '[custom build] Running: node scripts/build/assets.ts',
    '[wrangler:info] HEAD /docs/first-request 404 Not Found (4ms)',
  ];
  expect(lines.map(readableLine)).toEqual([undefined, undefined, undefined]);
});
