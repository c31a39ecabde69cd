// follow_changes.ts
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const { API = '', CLIENT_ID = '', CLIENT_SECRET = '', API_KEY = '' } = process.env;
const TYPES =
  'prepared_ticket.created,prepared_ticket.deleted,prepared_ticket.picked_up,prepared_ticket.updated';
const EVENTS = `${API}/v2/system/events?type=${TYPES}&after=`;
const CURSOR_FILE = 'follow_changes.ts.cursor';
const POLL_SECONDS = 30;
let token = '';

type Subject = { type: string; id: string; preparer_external_reference: string | null };
type FeedEvent = { sequence: number; type: string; subject: Subject };
type Page = { result: FeedEvent[]; next: string };

/** Does your work for an event. It can get the same event again, so it must tolerate a repetition. */
function handleEvent(event: FeedEvent) {
  console.log(event.sequence, event.type, event.subject.preparer_external_reference);
}

/** Updates your copy of a ticket. It gets every ticket on the first run, and after a 410. */
function handleTicket(_ticket: { id: string }) {}

/** Sends a request until the API responds. Waits as Retry-After says, or longer each time. */
async function send(url: string, init: RequestInit) {
  for (let pause = 1; ; pause = Math.min(pause * 2, 60)) {
    let wait = pause;
    let reason: unknown;
    try {
      const response = await fetch(url, { ...init, signal: AbortSignal.timeout(60_000) });
      const text = await response.text();
      if (response.status !== 429 && response.status < 500) {
        return { status: response.status, link: response.headers.get('link') ?? '', text };
      }
      reason = `status ${response.status}`;
      wait = Number(response.headers.get('retry-after')) || pause;
    } catch (error) {
      reason = error;
    }
    console.error(`No result (${reason}). Trying again in ${wait} s.`);
    await sleep(wait * 1000);
  }
}

async function accessToken(): Promise<string> {
  const { status, text } = await send(`${API}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
    }),
  });
  if (status !== 200) throw new Error(text);
  return JSON.parse(text).access_token;
}

/** Sends a GET request with both credentials. Gets a new token if the current one is not accepted. */
async function get(url: string, accepted = [200]) {
  for (let isRepeated = false; ; isRepeated = true) {
    token ||= await accessToken();
    const headers = { Authorization: `Bearer ${token}`, 'x-api-key': API_KEY };
    const response = await send(url, { headers });
    if (accepted.includes(response.status)) return response;
    if (response.status !== 401 || isRepeated) throw new Error(response.text);
    token = '';
  }
}

/** Reads all tickets. Returns a cursor from before that, so that no change in between is missed. */
async function resynchronise(): Promise<string> {
  const cursor = JSON.parse((await get(`${EVENTS}latest`)).text).next;
  let count = 0;
  let url = `${API}/v2/tickets/prepared-ticket-export`;
  while (url) {
    const { link, text } = await get(url);
    for (const line of text.split('\n').filter(Boolean)) {
      handleTicket(JSON.parse(line));
      count += 1;
    }
    url = /<([^>]*)>; rel="next"/.exec(link)?.[1] ?? '';
  }
  console.log(`Read ${count} tickets.`);
  return cursor;
}

/** Replaces the file as a whole, so that it is complete even if the program is stopped meanwhile. */
function save(cursor: string) {
  writeFileSync(`${CURSOR_FILE}.new`, cursor);
  renameSync(`${CURSOR_FILE}.new`, CURSOR_FILE);
}

if (!existsSync(CURSOR_FILE)) save(await resynchronise());
let cursor = readFileSync(CURSOR_FILE, 'utf8');
while (true) {
  const { status, text } = await get(EVENTS + cursor, [200, 410]);
  if (status === 410) {
    cursor = await resynchronise();
    save(cursor);
    continue;
  }
  const page: Page = JSON.parse(text);
  for (const event of page.result) handleEvent(event);
  cursor = page.next;
  save(cursor);
  if (page.result.length === 0) {
    if (process.argv.includes('--once')) break;
    await sleep(POLL_SECONDS * 1000);
  }
}
