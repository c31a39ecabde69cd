import { askForConsent } from '../../src/resources/system/webhook-endpoints/delivery/consent.ts';
import type { ReceiverContext } from '../../src/resources/system/webhook-endpoints/delivery/receiver.ts';

/** Returns what a receiver answered that has not agreed, and what to change. */
function explain(origin: string, answer: Response | undefined): string {
  if (answer === undefined) {
    return 'There was no answer. Start your server, and look at the host and the port of the URL.';
  }
  const allowed = answer.headers.get('webhook-allowed-origin');
  const header =
    allowed === null
      ? 'without WebHook-Allowed-Origin'
      : `with "WebHook-Allowed-Origin: ${allowed}"`;
  return `The answer was ${answer.status} ${header}. Answer 204 with "WebHook-Allowed-Origin: ${origin}", or with "*" for every sender.`;
}

/**
 * Asks a receiver whether it agrees to receive webhooks, like the API.
 *
 * @param context the address of the API, and the clock and fetch of this program.
 * @throws Error if it does not agree, with what was asked, what came, and what to answer.
 */
export async function requireConsent(
  url: string,
  { config, dependencies }: ReceiverContext,
): Promise<void> {
  const origin = new URL(config.issuer).hostname;
  let question: Promise<Response> | undefined;
  const consent = await askForConsent(url, {
    config,
    dependencies: {
      ...dependencies,
      fetch(to, init) {
        question = dependencies.fetch(to, init);
        return question;
      },
    },
  });
  if (consent === 'agreed') {
    return;
  }
  const skip = 'The option --no-consent skips this question.';
  if (question === undefined) {
    throw new Error(
      `The API does not post to this URL: ${url}. On this machine, its host must be localhost, and its port not that of the API. ${skip}`,
    );
  }
  const answer = await question.catch(() => undefined);
  throw new Error(
    `${url} was asked with OPTIONS and "WebHook-Request-Origin: ${origin}" whether it agrees to receive webhooks. ${explain(origin, answer)} ${skip}`,
  );
}
