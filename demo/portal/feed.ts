import { type ApiClient, ApiRefusal } from './api-client.ts';
import type { PortalSettings } from './surroundings.ts';

/** An event of the feed, as far as the portal shows it. */
export interface Event {
  readonly sequence: number;
  readonly type: string;
  readonly created_at: string;
  /** The client that made the change; null for the operator. */
  readonly actor: { readonly client_id: string } | null;
  readonly subject: {
    readonly type: string;
    readonly id: string;
    readonly ticket_number?: number;
    /** Null in events from before it was recorded. */
    readonly preparer_external_reference?: string | null;
  };
}

interface EventPage {
  readonly result: readonly Event[];
  readonly next: string;
}

/** What a program that follows the feed keeps. */
interface Follower {
  /** The `next` of the last page; undefined before the first one. */
  readonly after: string | undefined;
  /** The newest events, newest first. */
  readonly newest: readonly Event[];
}

/** The number of events that the page shows. */
const SHOWN = 50;
const PAGE = 1000;

const start: Follower = { after: undefined, newest: [] };
const followers = new WeakMap<PortalSettings, Follower>();

/**
 * Returns the newest events of the partner, newest first. It reads the feed to its end from the cursor at
 * which it stopped before.
 */
export async function newestEvents(api: ApiClient): Promise<readonly Event[]> {
  const known = followers.get(api.settings) ?? start;
  const current = await follow(api, known).catch((error) => {
    // 410: the events after the cursor are no longer kept. 400: the database was replaced by another one.
    if (known !== start && error instanceof ApiRefusal && [400, 410].includes(error.status)) {
      return follow(api, start);
    }
    throw error;
  });
  followers.set(api.settings, current);
  return current.newest;
}

/** Reads all pages after the last one. */
async function follow(api: ApiClient, { after, newest }: Follower): Promise<Follower> {
  const query = new URLSearchParams({ limit: String(PAGE), ...(after && { after }) });
  const { result, next } = await api.get<EventPage>(`/v2/system/events?${query}`);
  const state = { after: next, newest: [...result.toReversed(), ...newest].slice(0, SHOWN) };
  return result.length === PAGE ? follow(api, state) : state;
}
