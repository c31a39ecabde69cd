/**
 * A client with one function for each operation that is generated from the OpenAPI document:
 *
 *     npm install zod
 *     curl -O https://…/openapi.json
 *     npx @hey-api/openapi-ts
 *     TOKEN=… MANAGE=… API_KEY=… node example.ts
 *
 * `npm run check -- future` generates the client from a running API, compiles this file under `strict`, and
 * runs it.
 */
import { client } from './client/client.gen.ts';
import {
  createOAuthClient,
  createPreparedTicket,
  deleteOAuthClient,
  deletePreparedTicket,
  getPreparedTicket,
  listPreparedTickets,
  type NewPreparedTicket,
  updatePreparedTicket,
} from './client/index.ts';

const { TOKEN = '', MANAGE = '', API_KEY = '' } = process.env;

// The OpenAPI document contains the address of the API, so only the credentials are set here.
client.setConfig({
  auth: ({ type }) => (type === 'apiKey' ? API_KEY : TOKEN),
  throwOnError: true,
});

const ticket: NewPreparedTicket = {
  customer_id: '160c0c4b-9966-4dc1-a916-8407eb10d74e',
  vehicle_model_id: 4711,
  vin: 'JH4KA7630PC007649',
  preparer_external_reference: `ORDER-${Date.now()}`,
};
const { data: created } = await createPreparedTicket({
  body: ticket,
  headers: { 'Idempotency-Key': `"${crypto.randomUUID()}"` },
  throwOnError: true,
});
/** The number of the ticket, which is a number and not a bigint. */
const ticketNumber: number = created.ticket_number;
if (typeof ticketNumber !== 'number') {
  throw new Error('The ticket number is not a number.');
}

const path = { 'prepared-ticket-id': created.id };
const { data: list } = await listPreparedTickets({
  query: { ticket_number: ticketNumber, limit: 10 },
  throwOnError: true,
});
if (list.total !== 1 || list.result[0]?.id !== created.id) {
  throw new Error(`The list has ${list.total} tickets with the number ${ticketNumber}.`);
}

const read = await getPreparedTicket({ path, throwOnError: true });
const updated = await updatePreparedTicket({
  path,
  // A ticket can be sent back as it was read, including its read-only members.
  body: { ...read.data, voucher_code: 'WQ4MM3' },
  // The update succeeds only if the ticket was not changed since it was read.
  headers: { 'If-Match': read.response.headers.get('ETag') ?? '' },
  throwOnError: true,
});
const ETag = updated.response.headers.get('ETag') ?? '';
const deleted = await deletePreparedTicket({ path, headers: { 'If-Match': ETag } });
if (deleted.response?.status !== 204) {
  throw new Error('The ticket was not deleted.');
}

const auth = ({ type }: { type: string }) => (type === 'apiKey' ? API_KEY : MANAGE);
const { data: program } = await createOAuthClient({
  auth,
  body: { name: 'Workshop Berlin' },
  throwOnError: true,
});
await deleteOAuthClient({ auth, path: { 'client-id': program.id }, throwOnError: true });

/** Bodies that do not compile, so that you find a mistake before you send it. They are never sent. */
export const refused: (() => NewPreparedTicket)[] = [
  // @ts-expect-error The reference is required.
  () => ({ customer_id: '', vehicle_model_id: 1, vin: null }),
  // @ts-expect-error Read-only members have a type, too.
  () => ({ ...ticket, ticket_number: 'seven' }),
];
