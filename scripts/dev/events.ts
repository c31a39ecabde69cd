/** `npm run -s events [-- PARTNER] [--follow]` prints the events of a demo partner, one on each line. */
import { Option } from 'commander';
import { eventTypes } from '../../src/db/events.ts';
import { type DemoPartner, demoCommand } from './demo-credentials.ts';
import { type FeedEvent, runFeed } from './feed.ts';

/** The width of a column that aligns the names of all types. */
const TYPE_WIDTH = 'prepared_ticket.picked_up'.length;
const SEQUENCE_WIDTH = 6;

/** Returns the first digits of an identifier, which suffice to recognise it. */
const short = (id: string) => id.slice(0, 8);

/** Returns the line for an event: time, sequence, type, subject and actor. A reference can contain line breaks. */
function lineOf({ created_at, sequence, type, subject, actor }: FeedEvent): string {
  const { ticket_number, version, preparer_external_reference: reference } = subject;
  return [
    created_at,
    String(sequence).padStart(SEQUENCE_WIDTH),
    type.padEnd(TYPE_WIDTH),
    short(subject.id),
    ...(ticket_number === undefined ? [] : [`ticket ${ticket_number}`]),
    ...(typeof reference === 'string' ? [JSON.stringify(reference)] : []),
    ...(version === undefined ? [] : [`version ${version}`]),
    actor === null ? 'by the operator' : `by client ${short(actor.client_id)}`,
  ].join('  ');
}

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

await runFeed({
  ...{ partner, type, after, follow },
  handle: (event) => {
    process.stdout.write(`${lineOf(event)}\n`);
  },
});
