/**
 * `npm run -s webhooks:listen -- --forward-to URL` posts the events of a demo partner to an address of this
 * machine, signed like webhooks, so that a receiver can be tested without a public address.
 */
import { InvalidArgumentError, Option } from 'commander';
import { eventTypes } from '../../src/db/events.ts';
import type { ReceiverContext } from '../../src/resources/system/webhook-endpoints/delivery/receiver.ts';
import {
  newWebhookSecret,
  WEBHOOK_SECRET_PATTERN,
} from '../../src/resources/system/webhook-endpoints/secrets.ts';
import { fail } from '../process/fail.ts';
import { type DemoPartner, demoCommand } from './demo-credentials.ts';
import { readFeed } from './feed.ts';
import { forwardEvent } from './forward-event.ts';
import { localOrigin } from './local.ts';
import { requireConsent } from './require-consent.ts';

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

process.on('SIGINT', () => process.exit(0));
// The reader of a pipe can end first, for example `head`.
process.stdout.on('error', () => process.exit(0));
await readFeed(localOrigin(), {
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
}).catch((error: Error) => fail(error.message));
