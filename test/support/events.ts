import { env } from 'cloudflare:workers';
import { expect } from 'vitest';
import type { TestApi } from './api.ts';
import type { TestPartner } from './partners.ts';

export const EVENTS = '/v2/system/events';

/** An event as the API returns it. */
export interface Event {
  readonly id: string;
  readonly sequence: number;
  readonly type: string;
  readonly created_at: string;
  readonly actor: { readonly client_id: string } | null;
  readonly subject: {
    readonly type: string;
    readonly id: string;
    readonly prepared_ticket_id?: string;
    readonly ticket_number?: number;
    readonly version?: number;
    readonly preparer_external_reference?: string | null;
  };
}

/** One page of the feed. */
export interface EventPage {
  readonly query: Record<string, unknown>;
  readonly result: readonly Event[];
  readonly next: string;
}

/** Reads one page of a partner's feed. */
export async function readEvents(
  api: TestApi,
  as: TestPartner,
  query: Record<string, string | number> = {},
): Promise<EventPage> {
  const parameters = Object.entries(query).map(([name, value]) => [name, String(value)]);
  const response = await api.get(`${EVENTS}?${new URLSearchParams(parameters)}`, as);
  expect(response.status, await response.clone().text()).toBe(200);
  return response.json<EventPage>();
}

/** Reads every event of a partner after a cursor, page by page. */
export async function followEvents(
  api: TestApi,
  as: TestPartner,
  query: Record<string, string | number> = {},
): Promise<Event[]> {
  const events: Event[] = [];
  for (let after = query.after; ; ) {
    const page = await readEvents(api, as, { ...query, ...(after !== undefined && { after }) });
    if (page.result.length === 0) {
      return events;
    }
    events.push(...page.result);
    after = page.next;
  }
}

/** Returns the stored events that no client caused, by partner and newest last. */
export async function eventsOfOperator() {
  const { results } = await env.DB.prepare(
    'SELECT partner_id, type, subject_id, version FROM events WHERE client_id IS NULL ORDER BY partner_id, sequence',
  ).all();
  return results;
}

/** Returns `type subject` of events, for comparisons. */
export const summaryOf = (events: readonly Event[]) =>
  events.map(({ type, subject }) => `${type} ${subject.id}`);

/**
 * Returns the resources that exist after events, by `type id`, with their versions. It leaves product lines
 * out, because a ticket that is created or replaced together with its lines has one event, which does not
 * name them. An event of a line raises the version of its ticket. Fails for an event that does not fit the events
 * before it.
 */
export function stateAfter(events: readonly Event[]): Record<string, number> {
  const state = new Map<string, number>();
  const [first] = events;
  let last = first === undefined ? 0 : first.sequence - 1;
  for (const { type, subject, sequence } of events) {
    expect(sequence, 'sequence without gaps').toBe(last + 1);
    last = sequence;
    if (subject.type === 'product_line') {
      const ticket = `prepared_ticket ${subject.prepared_ticket_id}`;
      const version = state.get(ticket);
      expect(version, 'of a ticket').toBeDefined();
      state.set(ticket, (version as number) + 1);
      continue;
    }
    const key = `${subject.type} ${subject.id}`;
    const known = state.get(key);
    const [, action] = type.split('.');
    if (action === 'deleted' || action === 'picked_up') {
      expect(subject.version, `${type} of the last version`).toBe(known);
      state.delete(key);
    } else {
      expect(subject.version, `${type} is the next version`).toBe((known ?? 0) + 1);
      state.set(key, subject.version as number);
    }
  }
  return Object.fromEntries([...state].sort());
}
