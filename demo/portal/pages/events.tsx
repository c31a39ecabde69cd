/** @jsxImportSource hono/jsx */
import type { Event } from '../feed.ts';
import { readableTime } from './format.ts';
import { document } from './layout.tsx';

function actorOf({ actor }: Event, ownClientId: string) {
  if (actor === null) {
    return 'the operator';
  }
  return actor.client_id === ownClientId ? (
    'this portal'
  ) : (
    <>
      client <code>{actor.client_id.slice(0, 8)}</code>
    </>
  );
}

function subjectOf({ subject }: Event) {
  return subject.ticket_number === undefined ? (
    `${subject.type.replaceAll('_', ' ')} ${subject.id.slice(0, 8)}`
  ) : (
    <>
      <span>Ticket {subject.ticket_number}</span>{' '}
      <span class="note">{subject.preparer_external_reference}</span>
    </>
  );
}

/**
 * Returns the page of the newest events.
 *
 * @param events the events, newest first.
 * @param ownClientId the id of the portal's client.
 */
export function eventsPage(events: readonly Event[], ownClientId: string) {
  return document(
    'Events',
    <>
      <p class="lead">
        What you learn from <code>GET /v2/system/events</code>, newest first.
      </p>
      <p class="controls">
        <a href="/portal/events">Refresh</a>
        <button type="button" id="pause" class="quiet" hidden>
          Pause
        </button>
        <span id="live-status" class="note" role="status" />
      </p>
      <ol id="events" class="events" data-newest={events[0]?.sequence ?? 0}>
        {events.map((event) => (
          <li>
            <span class="sequence">{event.sequence}</span>
            <code>{event.type}</code>
            <span>{subjectOf(event)}</span>
            <span class="note">by {actorOf(event, ownClientId)}</span>
            <time class="note" datetime={event.created_at}>
              {readableTime(event.created_at)}
            </time>
          </li>
        ))}
        {events.length === 0 && (
          <li class="note">No event yet. Pick up a ticket, or change one through the API.</li>
        )}
      </ol>
    </>,
    { path: '/portal/events', script: '/portal/live-events.js' },
  );
}
