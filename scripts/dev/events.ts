/** `npm run -s events [-- PARTNER] [--follow]` prints the events of a demo partner, one on each line. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Option } from 'commander';
import { eventTypes } from '../../src/db/events.ts';
import { fail } from '../process/fail.ts';
import {
  type DemoPartner,
  demoCommand,
  readDemoCredentials,
  requireDemoCredentials,
} from './demo-credentials.ts';
import { ApiUnreachable, demoToken, requestLocal } from './demo-token.ts';
import { type FeedEvent, lineOf } from './event-line.ts';
import { localOrigin } from './local.ts';

/** The time between two requests of `--follow`. */
const POLL_MS = 1000;

interface Options {
  readonly follow?: boolean;
  readonly type?: string;
  readonly after?: string;
}

interface Page {
  readonly result: readonly FeedEvent[];
  readonly next: string;
}

const command = demoCommand('events', 'Prints the events of a demo partner, oldest first.')
  .option('--follow', 'print new events as they come, until Ctrl-C')
  .addOption(new Option('--type <type>', 'print only the events of one type').choices(eventTypes))
  .option(
    '--after <cursor>',
    'begin after a `next` of the feed, or with `latest` only with new ones',
  )
  .parse();
const [partner] = command.processedArgs as [DemoPartner];
const { follow = false, type, after } = command.opts<Options>();
const origin = localOrigin();
let credentials = requireDemoCredentials(partner);
let token: string | undefined;

/** Returns the response of the feed. Gets a new token if the server does not accept the current one. */
async function requestPage(cursor: string | undefined) {
  const query = new URLSearchParams({ limit: '1000' });
  if (cursor !== undefined) {
    query.set('after', cursor);
  }
  if (type !== undefined) {
    query.set('type', type);
  }
  for (let isRepeated = false; ; isRepeated = true) {
    // `npm run dev` can have created new credentials since the last request.
    credentials = readDemoCredentials()[partner] ?? credentials;
    token ??= await demoToken(origin, credentials);
    const headers = { authorization: `Bearer ${token}`, 'x-api-key': credentials.api_key };
    const response = await requestLocal(origin, `/v2/system/events?${query}`, { headers });
    if (response.status !== 401 || isRepeated) {
      return response;
    }
    token = undefined;
  }
}

/** Prints the events after a cursor until there is nothing newer, or forever with `--follow`. */
async function printEvents(): Promise<void> {
  let cursor = after;
  let hasResponded = false;
  let isWaiting = false;
  for (;;) {
    try {
      const { status, body } = await requestPage(cursor);
      if (status >= 500) {
        throw new ApiUnreachable(origin);
      }
      if (status === 410 || (status === 400 && hasResponded)) {
        // The local database is a new one.
        console.error('The events begin anew, because the database was replaced.');
        cursor = undefined;
        continue;
      }
      if (status !== 200) {
        fail(`${origin}/v2/system/events returned ${status}: ${body}`);
      }
      const page = JSON.parse(body) as Page;
      for (const event of page.result) {
        process.stdout.write(`${lineOf(event)}\n`);
      }
      cursor = page.next;
      hasResponded = true;
      isWaiting = false;
      if (page.result.length > 0) {
        continue;
      }
      if (!follow) {
        return;
      }
    } catch (error) {
      if (!(error instanceof ApiUnreachable && follow && hasResponded)) {
        fail((error as Error).message);
      }
      if (!isWaiting) {
        console.error('The API does not respond. Waiting for it.');
        isWaiting = true;
      }
    }
    await sleep(POLL_MS);
  }
}

process.on('SIGINT', () => process.exit(0));
// The reader of a pipe can end first, for example `head`.
process.stdout.on('error', () => process.exit(0));
await printEvents();
