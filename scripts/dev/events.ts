/** `npm run -s events [-- PARTNER] [--follow]` prints the events of a demo partner, one on each line. */
import { Option } from 'commander';
import { eventTypes } from '../../src/db/events.ts';
import { fail } from '../process/fail.ts';
import { type DemoPartner, demoCommand } from './demo-credentials.ts';
import { lineOf } from './event-line.ts';
import { readFeed } from './feed.ts';
import { localOrigin } from './local.ts';

interface Options {
  readonly follow?: boolean;
  readonly type?: string;
  readonly after?: string;
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

process.on('SIGINT', () => process.exit(0));
// The reader of a pipe can end first, for example `head`.
process.stdout.on('error', () => process.exit(0));
await readFeed(localOrigin(), {
  ...{ partner, type, after, follow },
  handle: (event) => {
    process.stdout.write(`${lineOf(event)}\n`);
  },
}).catch((error: Error) => fail(error.message));
