import { expect, test } from 'vitest';
import { TestApi } from '../../support/api.ts';
import { WatchedD1 } from '../../support/d1.ts';

test('/health says that the Worker runs, without credentials and without D1', async () => {
  const d1 = new WatchedD1();
  d1.fault = new Error('asked');
  const response = await new TestApi({ DB: d1.db }).get('/health');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/health+json');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await response.json()).toEqual({ status: 'pass' });
  expect(d1.calls).toBe(0);
});
