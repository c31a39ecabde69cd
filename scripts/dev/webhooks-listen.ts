/**
 * `npm run -s webhooks:listen -- --forward-to URL` posts the events of a demo partner to an address of this
 * machine, signed like webhooks, so that a receiver can be tested without a public address.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidArgumentError, Option } from 'commander';
import { eventTypes } from '../../src/db/events.ts';
import { askForConsent } from '../../src/resources/system/webhook-endpoints/delivery/consent.ts';
import { delayAfter } from '../../src/resources/system/webhook-endpoints/delivery/deliver.ts';
import {
  type AttemptResult,
  attempt,
  bodyOf,
  isDelivered,
  signedHeaders,
} from '../../src/resources/system/webhook-endpoints/delivery/message.ts';
import type { ReceiverContext } from '../../src/resources/system/webhook-endpoints/delivery/receiver.ts';
import {
  newWebhookSecret,
  WEBHOOK_SECRET_PATTERN,
} from '../../src/resources/system/webhook-endpoints/secrets.ts';
import { type DemoPartner, demoCommand } from './demo-credentials.ts';
import { type FeedEvent, runFeed } from './feed.ts';
import { localOrigin } from './local.ts';

/** The delays between the attempts in seconds, much shorter than those of the API. The last one repeats. */
const DELAYS_S = [1, 2, 4];

/** The width of a column that aligns the names of all types. */
const TYPE_WIDTH = 'prepared_ticket.picked_up'.length;

/** Returns the line for an attempt: time, type, `webhook-id`, status or kind of error, and duration. */
function lineOf(
  { id, type }: FeedEvent,
  { attemptedAt, status, error, durationMs }: AttemptResult,
) {
  const outcome = String(status ?? error).padEnd('connection'.length);
  return [
    new Date(attemptedAt).toISOString(),
    type.padEnd(TYPE_WIDTH),
    id,
    outcome,
    `${durationMs} ms`,
  ].join('  ');
}

/**
 * Posts an event to a receiver, signed, until it answers with a 2xx. The attempts are those of the API, except
 * that the delays between them are short and that they never end.
 *
 * @param context the address of the API, and the clock and fetch of this program.
 * @param print receives one line for each attempt.
 * @throws Error if the receiver answers 410, with which it asks for no further events.
 */
async function forwardEvent(
  url: string,
  secret: string,
  event: FeedEvent,
  context: ReceiverContext,
  print: (line: string) => void,
): Promise<void> {
  const body = bodyOf(event);
  for (let failed = 1; ; failed++) {
    const headers = await signedHeaders({ id: event.id, at: Date.now(), body }, [secret]);
    const result = await attempt(url, headers, body, context);
    print(lineOf(event, result));
    if (isDelivered(result)) {
      return;
    }
    if (result.status === 410) {
      throw new Error(
        'The receiver answered 410. The API then disables the endpoint, so this ends too.',
      );
    }
    await sleep(delayAfter(Math.min(failed, DELAYS_S.length), DELAYS_S, result.retryAfterMs));
  }
}

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
async function requireConsent(
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

interface Options {
  readonly forwardTo: string;
  readonly secret?: string;
  readonly type?: string;
  readonly after: string;
  readonly consent: boolean;
}

function parseUrl(text: string): string {
  const { protocol } = URL.canParse(text) ? new URL(text) : { protocol: '' };
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new InvalidArgumentError(
      'Send an http or https URL, such as http://localhost:3000/hook.',
    );
  }
  return text;
}

function parseSecret(text: string): string {
  if (!new RegExp(`^${WEBHOOK_SECRET_PATTERN}$`).test(text)) {
    throw new InvalidArgumentError('Send a secret that this command or the API has printed.');
  }
  return text;
}

const command = demoCommand(
  'webhooks:listen',
  'Posts the events of a demo partner to an address of this machine, signed like webhooks, until Ctrl-C.',
)
  .requiredOption('--forward-to <url>', 'the address that receives the events', parseUrl)
  .option('--secret <secret>', 'sign with this secret instead of a new one', parseSecret)
  .addOption(new Option('--type <type>', 'forward only the events of one type').choices(eventTypes))
  .option(
    '--after <cursor>',
    'begin after a `next` of the feed, instead of with new events',
    'latest',
  )
  .option('--no-consent', 'do not ask the receiver first whether it agrees, as the API does')
  .parse();
const [partner] = command.processedArgs as [DemoPartner];
const {
  forwardTo: url,
  secret = newWebhookSecret(),
  type,
  after,
  consent,
} = command.opts<Options>();
const context: ReceiverContext = {
  config: { issuer: localOrigin() },
  dependencies: { now: Date.now, fetch: (to, init) => fetch(to, init) },
};

await runFeed({
  ...{ partner, type, after, follow: true },
  async onBegin() {
    if (consent) {
      await requireConsent(url, context);
    }
    console.log(`The signing secret is ${secret}`);
    console.log(`Forwarding the events of ${partner} to ${url}. Stop with Ctrl-C.`);
  },
  handle: (event) =>
    forwardEvent(url, secret, event, context, (line) => process.stdout.write(`${line}\n`)),
});
