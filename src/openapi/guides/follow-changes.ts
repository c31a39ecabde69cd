import { type EventType, eventTypes } from '../../db/events.ts';
import { rateLimitPolicies } from '../../http/requests/rate-limit.ts';
import { EVENT_RETENTION_MS } from '../../resources/system/events/events.repository.ts';
import { pythonFollower } from './follow-changes.python.ts';
import { typescriptFollower } from './follow-changes.typescript.ts';

type SubjectType = EventType extends `${infer Subject}.${string}` ? Subject : never;

/** What the subject of an event is, and which path has its current state. */
const subjects: Record<SubjectType, readonly [subject: string, path: string]> = {
  prepared_ticket: ['the prepared ticket', '/v2/tickets/prepared-tickets/{id}'],
  product_line: [
    'the product line; `id` is its product',
    '/v2/tickets/prepared-tickets/{prepared_ticket_id}/product-lines/{id}',
  ],
  client: ['the client', '/v2/system/clients/{id}'],
  api_key: ['the API key', '/v2/system/api-keys/{id}'],
  webhook_endpoint: ['the webhook endpoint', '/v2/system/webhook-endpoints/{id}'],
};

const rows = Object.entries(subjects).map(([type, [subject, path]]) => {
  const own = eventTypes.filter((name) => name.startsWith(`${type}.`));
  return `| ${own.map((name) => `\`${name}\``).join(', ')} | ${subject} | \`${path}\` |`;
});

const RETENTION_DAYS = EVENT_RETENTION_MS / 86_400_000;
const { quota, windowSeconds } = rateLimitPolicies.partner;

/** A command that creates a ticket, so that there is one new event. It prints nothing. */
export const createTicket = (reference: string) =>
  `curl -sS -o /dev/null -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" -H 'Content-Type: application/json' $API/v2/tickets/prepared-tickets -d '{"customer_id": "160c0c4b-9966-4dc1-a916-8407eb10d74e", "vehicle_model_id": 4711, "vin": null, "preparer_external_reference": "${reference}"}'`;

/** What the two runs of a program print together. The check compares it except for numbers and ids. */
const OUTPUT = `Read 57 tickets.
43 prepared_ticket.created 497f6eca-6276-4993-bfeb-53cbbbba6f08`;

/** How a partner's program learns of each change. */
export const followChanges = `## Follow changes

The event feed tells your program what happened: a customer picked up a ticket, a colleague changed one, a client was disabled. In this guide you run a program that reads each event and continues where it stopped, also after a restart. Your client needs the scope \`events:read\`.

| types | subject | its current state |
| --- | --- | --- |
${rows.join('\n')}

More types may be added, so ignore the types that you do not know. An event contains no state, only the \`version\` of its subject. Read the resource if you need its state, and after \`prepared_ticket.created\` and \`prepared_ticket.updated\` its product lines too: creating or replacing a ticket together with its lines is one event, without one for each line. 404 means that it was deleted, and 410 that its ticket was picked up. A read can lag behind the feed for a moment: if the \`ETag\` contains a lower number than \`version\`, read the resource again.

1. Look at the feed. The oldest event that is kept comes first.

\`\`\`sh
curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" "$API/v2/system/events?limit=2"
\`\`\`

2. Save one of these programs. Both do the same. The first is \`follow_changes.py\` and needs Python 3.9 or later:

\`\`\`python
${pythonFollower}
\`\`\`

The second is \`follow_changes.ts\` and needs Node.js 22.18 or later, which runs TypeScript without a build:

\`\`\`ts
${typescriptFollower}
\`\`\`

3. Run it, create a ticket, and run it again. The first run reads all your tickets, so that your copy is complete, and prints how many there are. The second run prints one line for the one event that is new: its sequence, its type, and the identifier of its subject. Put your own work into the function for events and the one for tickets.

\`\`\`sh
python3 follow_changes.py --once
${createTicket('ORDER-1007')}
python3 follow_changes.py --once
\`\`\`

\`\`\`text
${OUTPUT}
\`\`\`

In TypeScript it is the same:

\`\`\`sh
node follow_changes.ts --once
${createTicket('ORDER-1008')}
node follow_changes.ts --once
\`\`\`

\`\`\`text
${OUTPUT}
\`\`\`

4. Let it run. Without \`--once\` it asks for new events every 30 seconds until you stop it. For a scheduler such as cron, keep \`--once\`.

**How it works, if you write your own:**

- **Send \`next\` as \`after\`.** Every response has a \`next\`, also if there is no event. If \`result\` is empty, there is nothing newer now. The cursor is opaque: store it, but do not parse it.
- **Store the cursor after the work.** If your program stops in between, it receives the events of the page again. So you handle each event at least once, and the work must tolerate a repetition: \`sequence\` and \`id\` tell you which events you know.
- **Select events with \`type\`** if you need only one type. \`next\` then passes the other events too, so \`sequence\` has gaps. Without \`type\` it has none.
- **Poll calmly.** A request every 10 to 60 seconds is enough. All your programs together may send ${quota} requests in ${windowSeconds} seconds. Pause only after an empty \`result\`: as long as there are events, send the next request at once. A page has up to 100 events, or up to 1,000 with \`limit=1000\`.

**What can go wrong.** Events are kept for ${RETENTION_DAYS} days. If your program stands still for longer, or we restore the database to an earlier state, its cursor returns 410 with the type \`/problems/cursor-expired\`. Then resynchronise in this order, as the programs do:

1. Get a new cursor with \`after=latest\`.
2. Read all your tickets with the export. Tickets of your copy that are not in it were deleted, or picked up: \`/v2/tickets/tickets\` lists the latter.
3. Store the new cursor and continue with it.

If you get the cursor last, you miss the changes that happen during the export. In this order, you may only see some of them twice.`;
