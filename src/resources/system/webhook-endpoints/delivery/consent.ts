import { isDeliverable } from '../url.ts';
import { callReceiver, isSuccess, type ReceiverContext } from './receiver.ts';

/** What a receiver says to the question whether it wants webhooks. `unreachable` if it gives no answer. */
export type Consent = 'agreed' | 'unreachable' | 'not-agreed';

/**
 * Asks a receiver whether it wants the webhooks of this API. Nothing is posted to a URL that has not agreed, so that no
 * partner can aim the API at a stranger. A rate that the answer allows is ignored.
 *
 * @returns the answer; it never throws. A URL that this API does not deliver to is not asked, and has not agreed.
 * @see {@link https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md} section 4
 */
export async function askForConsent(url: string, context: ReceiverContext): Promise<Consent> {
  const { issuer } = context.config;
  if (!isDeliverable(url, issuer)) {
    return 'not-agreed';
  }
  const origin = new URL(issuer).hostname;
  const headers = { 'webhook-request-origin': origin };
  const answer = await callReceiver(url, { method: 'OPTIONS', headers }, context);
  if (typeof answer === 'string') {
    return 'unreachable';
  }
  const allowed = answer.headers.get('webhook-allowed-origin')?.trim().toLowerCase();
  const agrees = isSuccess(answer.status) && (allowed === origin || allowed === '*');
  return agrees ? 'agreed' : 'not-agreed';
}
