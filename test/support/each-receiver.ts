import { api, partner } from './each-test.ts';
import { Receiver, type TestEndpoint, writeEndpoint } from './webhooks.ts';

/** The webhook endpoint of the running test. */
export let endpoint: TestEndpoint;
/** What receives its webhooks. */
export let receiver: Receiver;

/** Gives a test an endpoint of its partner, which begins with the first event, and a receiver. */
export async function makeReceiver(
  values: Parameters<typeof writeEndpoint>[1] = {},
): Promise<void> {
  endpoint = await writeEndpoint(partner, values);
  receiver = new Receiver(api, [endpoint]);
}
