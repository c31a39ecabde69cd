import { EVENT_RETENTION_MS } from '../../resources/system/events/events.repository.ts';
import { DELIVERY_RETENTION_MS } from '../../resources/system/webhook-endpoints/deliveries.repository.ts';
import { MAX_RETRY_AFTER_MS } from '../../resources/system/webhook-endpoints/delivery/deliver.ts';
import {
  ATTEMPT_TIMEOUT_MS,
  TEST_EVENT,
} from '../../resources/system/webhook-endpoints/delivery/message.ts';
import { STANDARD_DELAYS_S } from '../../webhook-delays.ts';
import { setToken } from '../sample-variables.ts';
import { createTicket } from './follow-changes.ts';
import { pythonReceiver } from './receive-webhooks.python.ts';
import { typescriptReceiver } from './receive-webhooks.typescript.ts';

const ENDPOINTS = '$API/v2/system/webhook-endpoints';
const HEADERS = `-H "Authorization: Bearer $WEBHOOKS" -H "x-api-key: $API_KEY"`;
const JSON_HEADERS = `${HEADERS} -H 'Content-Type: application/json'`;

const HOUR_S = 3600;
const MINUTE_S = 60;

/** Returns a duration as text, in hours and minutes, or in seconds if it is shorter. */
function durationOf(seconds: number): string {
  if (seconds < MINUTE_S) {
    return `${seconds} s`;
  }
  const hours = Math.floor(seconds / HOUR_S);
  const minutes = Math.floor((seconds % HOUR_S) / MINUTE_S);
  return [hours > 0 && `${hours} h`, minutes > 0 && `${minutes} min`].filter(Boolean).join(' ');
}

const delays = STANDARD_DELAYS_S.map((delay, i) => {
  const sinceFirst = STANDARD_DELAYS_S.slice(0, i + 1).reduce((sum, each) => sum + each, 0);
  return `| ${i + 2} | ${durationOf(delay)} | ${durationOf(sinceFirst)} |`;
});

const ATTEMPTS = STANDARD_DELAYS_S.length + 1;
const TOTAL_H = Math.floor(STANDARD_DELAYS_S.reduce((sum, each) => sum + each, 0) / HOUR_S);
const TIMEOUT_S = ATTEMPT_TIMEOUT_MS / 1000;
const DAY_MS = 86_400_000;
const RETENTION_DAYS = EVENT_RETENTION_MS / DAY_MS;

/** What a run of each program prints. The check compares it except for numbers and ids. */
const OUTPUT = 'prepared_ticket.created 497f6eca-6276-4993-bfeb-53cbbbba6f08';

/** How a partner's server receives each change. */
export const receiveWebhooks = `## Receive webhooks

A webhook tells your server about a change within a second, without polling. In this guide you create a webhook endpoint and run a server that verifies each message, tolerates repetitions, and loses none. The messages contain the events of the guide "Follow changes". Your client needs the scope \`webhooks:manage\`.

1. Choose the https URL at which your server can be reached, and the local port to which your proxy passes its requests. Then create the endpoint. It receives every event from now on, unless you send \`event_types\` with those that you need.

\`\`\`sh
export HOOK_URL=your-webhook-url PORT=your-local-port
${setToken('WEBHOOKS', 'webhooks:manage')}
ENDPOINT=$(curl -sS ${JSON_HEADERS} ${ENDPOINTS} -d "{\\"url\\": \\"$HOOK_URL\\", \\"description\\": \\"ERP\\"}")
export HOOK_ID=$(echo "$ENDPOINT" | sed 's/.*"id":"\\([^"]*\\)".*/\\1/')
export WEBHOOK_SECRET=$(echo "$ENDPOINT" | sed 's/.*"secret":"\\([^"]*\\)".*/\\1/')
\`\`\`

2. Store the secret where your server reads its secrets. No other response contains it. Whoever has it can forge messages.

3. Save one of these programs. The first is \`receive_webhooks.ts\`. It needs Node.js 22.18 or later, and the package that verifies [Standard Webhooks](https://www.standardwebhooks.com): \`npm install standardwebhooks\`.

\`\`\`ts
${typescriptReceiver}
\`\`\`

The second is \`receive_webhooks.py\` and needs Python 3.9 or later, and no package. If you install \`standardwebhooks\` from PyPI, \`Webhook(secret).verify(body, headers)\` does the work of \`is_genuine\`.

\`\`\`python
${pythonReceiver}
\`\`\`

4. Start it and create a ticket. With \`--once\` it ends after one message, and it prints the type of the event and the identifier of its subject.

\`\`\`sh
node receive_webhooks.ts --once &
${createTicket('ORDER-1009')}
wait
\`\`\`

\`\`\`text
${OUTPUT}
\`\`\`

In Python it is the same:

\`\`\`sh
python3 receive_webhooks.py --once &
${createTicket('ORDER-1010')}
wait
\`\`\`

\`\`\`text
${OUTPUT}
\`\`\`

5. Put your own work into the function for events, and let the server run without \`--once\`. To see whether it can be reached, send a POST to \`/v2/system/webhook-endpoints/{endpoint-id}/test-deliveries\`: it sends a signed event of the type \`${TEST_EVENT}\`, which has no \`sequence\` and is not in the feed.

6. If messages do not arrive, look at the attempts of the last ${DELIVERY_RETENTION_MS / DAY_MS} days with their status or kind of error, newest first.

\`\`\`sh
curl -sS ${HEADERS} "${ENDPOINTS}/$HOOK_ID/deliveries?limit=1"
\`\`\`

**How it works, if you write your own:**

- **Verify each message** with the secret, before you parse it. The signature covers \`webhook-id\`, \`webhook-timestamp\` and the body. The packages also refuse a timestamp that is more than five minutes old, so that nobody can send you an old message again. Your clock must be right for that.
- **Answer with a 2xx within ${TIMEOUT_S} seconds.** Work that takes longer belongs in a queue of yours: store the event, answer, and do the work afterwards. Everything else is a failure, also a redirect, which is not followed.
- **Tolerate repetitions.** If we lose your answer, the same event comes again, with the same \`webhook-id\`. Store this id in the transaction of your work, in a column with a unique index, and answer 204 if it exists.
- **Rely on the order.** Each endpoint receives its events in the order of \`sequence\`, and the next one only after you have accepted the one before. So an event that you refuse holds up those behind it. If you cannot handle an event, set it aside and answer 204. Ignore types that you do not know.
- **Read the state that you need.** As in the feed, an event contains none, only the \`version\` of its subject. After \`prepared_ticket.created\` and \`prepared_ticket.updated\`, read the product lines too: they have no events of their own then.
- **Expect gaps in \`sequence\`.** An endpoint does not receive the events about itself, such as its own rotation, nor those that \`event_types\` leaves out. So a gap is no lost event. The feed has them all.

**Retries.** An event is attempted up to ${ATTEMPTS} times in ${TOTAL_H} hours. Each delay is lengthened by up to a tenth at random. If your answer has a \`Retry-After\`, the next attempt waits for at least that long, up to ${MAX_RETRY_AFTER_MS / 3_600_000} hours.

| attempt | after the one before | after the first one |
| --- | --- | --- |
| 1 | at once | |
${delays.join('\n')}

**What can go wrong:**

- **Your server is down for up to ${TOTAL_H} hours.** Nothing is lost. The events arrive in their order once it answers again. If you do not want to wait for the next attempt, send a PUT with \`"disabled": true\` and then one with \`"disabled": false\`.
- **It is down for longer**, or it answers 410, with which it asks for no more messages. The endpoint is disabled then, and an event \`webhook_endpoint.disabled\` tells your other endpoints and the feed. Enable it with a PUT: it continues with the event at which it stopped. Events that are older than ${RETENTION_DAYS} days are skipped, so resynchronise as in "Follow changes" if it was disabled for that long.
- **You lost events that you had accepted**, for example because you restored a backup. Store a cursor of the feed with each backup (\`after=latest\` returns one), and send it as \`after\` in a POST to \`/v2/system/webhook-endpoints/{endpoint-id}/replays\`. The events after it come again with the \`webhook-id\` that they had.
- **Your secret leaked, or is due for a change.** Rotate it. During the overlap, each message has the signatures of both secrets, so your server accepts it with either one. Give the new secret to your server, and let the overlap elapse. After a leak, use an overlap of 0.

\`\`\`sh
curl -sS ${JSON_HEADERS} ${ENDPOINTS}/$HOOK_ID/secrets -d '{"overlap_seconds": 86400}'
\`\`\`

**On your own machine** nothing can be reached from outside. If you have the repository of this API, \`npm run dev\` serves it there with demo data, and it accepts an endpoint with a URL such as \`http://localhost:3000/hook\`. Or run \`npm run -s webhooks:listen -- --forward-to http://localhost:3000/hook\`: it prints a secret, posts each new event to this address like a webhook, and shows how your server answers.

Delete an endpoint that you no longer need:

\`\`\`sh
curl -sS -X DELETE ${HEADERS} ${ENDPOINTS}/$HOOK_ID
\`\`\``;
