/**
 * A typed client that is generated from the OpenAPI document:
 *
 *     npm install openapi-fetch
 *     npx openapi-typescript https://…/openapi.json -o api.d.ts
 *     API=https://… TOKEN=… API_KEY=… node example.ts
 *
 * `npm run check -- future` generates the client from a running API, compiles this file under `strict`, and
 * runs it.
 */
import createClient from 'openapi-fetch';
import type { components, paths } from './api.d.ts';

const { API = '', TOKEN = '', API_KEY = '' } = process.env;
const TICKETS = '/v2/tickets/prepared-tickets';
const TICKET = `${TICKETS}/{prepared-ticket-id}` as const;

const client = createClient<paths>({
  baseUrl: API,
  headers: { Authorization: `Bearer ${TOKEN}`, 'x-api-key': API_KEY },
});

/** Returns the data of a response. @throws Error with the problem if the request failed. */
function required<T>({ data, error }: { data?: T; error?: components['schemas']['Problem'] }): T {
  if (data === undefined) {
    throw new Error(
      error ? `${error.status} ${error.type}: ${error.detail}` : 'The response has no body.',
    );
  }
  return data;
}

const order = `ORDER-${Date.now()}`;
/** Use one key for each ticket that you create. Store it with the order, because a retry must send the same key. */
const key = crypto.randomUUID();
const created = required(
  await client.POST(TICKETS, {
    params: { header: { 'Idempotency-Key': `"${key}"` } },
    body: {
      customer_id: '160c0c4b-9966-4dc1-a916-8407eb10d74e',
      vehicle_model_id: 4711,
      vin: 'JH4KA7630PC007649',
      preparer_external_reference: order,
    },
  }),
);
const path = { 'prepared-ticket-id': created.id };

const { result, total } = required(
  await client.GET(TICKETS, {
    params: { query: { preparer_external_reference: order, limit: 10 } },
  }),
);
const [found] = result;
if (total !== 1 || found?.ticket_number !== created.ticket_number) {
  throw new Error(`The list has ${total} tickets of ${order}, not the one that was created.`);
}

const read = await client.GET(TICKET, { params: { path } });
const updated = required(
  await client.PUT(TICKET, {
    // The update succeeds only if the ticket was not changed since it was read.
    params: { path, header: { 'If-Match': read.response.headers.get('ETag') ?? '' } },
    body: { ...required(read), voucher_code: 'WQ4MM3' },
  }),
);
if (updated.voucher_code !== 'WQ4MM3') {
  throw new Error('The update changed nothing.');
}

const deleted = await client.DELETE(TICKET, { params: { path } });
if (deleted.response.status !== 204) {
  throw new Error(deleted.error?.detail ?? 'The ticket was not deleted.');
}
const gone = await client.GET(TICKET, { params: { path } });
if (gone.error?.status !== 404) {
  throw new Error('The ticket still exists.');
}

/** Requests that do not compile, so that you find a mistake before you send it. They are never sent. */
export const refused = [
  // @ts-expect-error The list has no such filter.
  () => client.GET(TICKETS, { params: { query: { colour: 'red' } } }),
  // @ts-expect-error The reference is required.
  () => client.POST(TICKETS, { body: { customer_id: '', vehicle_model_id: 1, vin: null } }),
  // @ts-expect-error Read-only members have a type, too.
  () => client.PUT(TICKET, { params: { path }, body: { ...created, ticket_number: 'seven' } }),
  // @ts-expect-error A ticket has no such member.
  () => created.colour,
];
