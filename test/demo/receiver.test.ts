import { expect, test, vi } from 'vitest';
import { RECEIVER_URL, withReceiver } from '../../demo/receiver.ts';
import { endpointExample } from '../../src/resources/system/webhook-endpoints/webhook-endpoints.schemas.ts';

test('agrees and accepts messages at the example URL of the document', async () => {
  const send = vi.fn<typeof fetch>();
  const fetch = withReceiver(send);
  const question = await fetch(endpointExample.url as string, { method: 'OPTIONS' });
  expect(question.status).toBe(204);
  expect(question.headers.get('webhook-allowed-origin')).toBe('*');
  expect((await fetch(RECEIVER_URL, { method: 'POST', body: '{}' })).status).toBe(204);
  expect(send).not.toHaveBeenCalled();
});

test('leaves every other request alone', async () => {
  const response = new Response('elsewhere');
  const init = { method: 'POST' };
  const send = vi.fn<typeof fetch>(async () => response);
  expect(await withReceiver(send)(`${RECEIVER_URL}/elsewhere`, init)).toBe(response);
  expect(send).toHaveBeenCalledExactlyOnceWith(`${RECEIVER_URL}/elsewhere`, init);
});
