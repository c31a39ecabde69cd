import { setTimeout as sleep } from 'node:timers/promises';
import { fail } from '../process/fail.ts';
import {
  type DemoPartner,
  readDemoCredentials,
  requireDemoCredentials,
} from './demo-credentials.ts';
import { ApiUnreachable, demoToken, requestLocal } from './demo-token.ts';
import { localOrigin } from './local.ts';

/** The time between two requests of a program that follows the feed. */
const POLL_MS = 1000;

/** An event of the feed, as far as the scripts read it. */
export interface FeedEvent {
  readonly id: string;
  readonly sequence: number;
  readonly type: string;
  readonly created_at: string;
  readonly actor: { readonly client_id: string } | null;
  readonly subject: {
    readonly id: string;
    readonly ticket_number?: number;
    readonly version?: number;
    readonly preparer_external_reference?: string | null;
  };
}

interface Page {
  readonly result: readonly FeedEvent[];
  readonly next: string;
}

/** Which events are read, and what is done with them. */
export interface Reading {
  readonly partner: DemoPartner;
  /** Selects one type of events; by default all. */
  readonly type?: string | undefined;
  /** A `next` of the feed, or `latest`; by default the reading begins with the oldest event. */
  readonly after?: string | undefined;
  /** Whether the reading waits for new events, and for a server that restarts, instead of ending. */
  readonly follow: boolean;
  /** Does the work for an event. The next event waits for it. */
  readonly handle: (event: FeedEvent) => void | Promise<void>;
  /** Is called once, when the server has accepted the first request. The first event waits for it. */
  readonly onBegin?: () => void | Promise<void>;
}

/** The response of a request to the feed. */
type RequestPage = (cursor: string | undefined) => ReturnType<typeof requestLocal>;

/** Returns a function that requests a page. It gets a new token if the server does not accept the current one. */
function pageRequests(origin: string, { partner, type }: Reading): RequestPage {
  let credentials = requireDemoCredentials(partner);
  let token: string | undefined;
  return async (cursor) => {
    const query = new URLSearchParams({
      limit: '1000',
      ...(cursor !== undefined && { after: cursor }),
      ...(type !== undefined && { type }),
    });
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
  };
}

/**
 * Reads the events of a demo partner from the local API in their order, until there is nothing newer, or
 * forever. It says on stderr when it waits for the server, and when it begins anew because the database was
 * replaced.
 *
 * @param origin the address of the local API, without a trailing slash.
 * @throws ApiUnreachable if the server does not respond at the beginning, or at any time without `follow`.
 * @throws Error if the server refuses a request.
 */
async function readFeed(origin: string, reading: Reading): Promise<void> {
  const { after, follow, handle, onBegin } = reading;
  const requestPage = pageRequests(origin, reading);
  let cursor = after;
  let hasResponded = false;
  let isWaiting = false;
  for (;;) {
    let isEmpty = true;
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
        throw new Error(`${origin}/v2/system/events returned ${status}: ${body}`);
      }
      if (!hasResponded) {
        await onBegin?.();
      }
      hasResponded = true;
      isWaiting = false;
      const page = JSON.parse(body) as Page;
      for (const event of page.result) {
        await handle(event);
      }
      cursor = page.next;
      isEmpty = page.result.length === 0;
    } catch (error) {
      if (!(error instanceof ApiUnreachable && follow && hasResponded)) {
        throw error;
      }
      if (!isWaiting) {
        console.error('The API does not respond. Waiting for it.');
        isWaiting = true;
      }
    }
    if (isEmpty) {
      if (!follow) {
        return;
      }
      await sleep(POLL_MS);
    }
  }
}

/** Reads events from the local API for a command. Ctrl-C ends it quietly, and so does the end of its reader. */
export async function runFeed(reading: Reading): Promise<void> {
  process.on('SIGINT', () => process.exit(0));
  // The reader of a pipe can end first, for example `head`.
  process.stdout.on('error', () => process.exit(0));
  await readFeed(localOrigin(), reading).catch((error: Error) => fail(error.message));
}
