import type { FeedEvent } from './feed.ts';

/** The width of a column that aligns the names of all types. */
const TYPE_WIDTH = 'prepared_ticket.picked_up'.length;
const SEQUENCE_WIDTH = 6;

/** Returns the first digits of an identifier, which suffice to recognise it. */
const short = (id: string) => id.slice(0, 8);

/** Returns the line for an event: time, sequence, type, subject and actor. */
export function lineOf({ created_at, sequence, type, subject, actor }: FeedEvent): string {
  const { ticket_number, version } = subject;
  return [
    created_at,
    String(sequence).padStart(SEQUENCE_WIDTH),
    type.padEnd(TYPE_WIDTH),
    short(subject.id),
    ...(ticket_number === undefined ? [] : [`ticket ${ticket_number}`]),
    ...(version === undefined ? [] : [`version ${version}`]),
    actor === null ? 'by the operator' : `by client ${short(actor.client_id)}`,
  ].join('  ');
}
