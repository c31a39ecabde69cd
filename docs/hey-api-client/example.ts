/**
 * A client with one function for each operation, generated from the document:
 *
 *     npm install zod
 *     curl -O https://…/openapi.json
 *     npx @hey-api/openapi-ts
 *     TOKEN=… MANAGE=… API_KEY=… node example.ts
 *
 * A check generates it from the running API, compiles it under `strict`, and runs this file.
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

// The document names the address of the API.
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
/** A number, which a bigint is not. */
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
  // What was read can be sent back, read-only members included.
  body: { ...read.data, voucher_code: 'WQ4MM3' },
  // Only if nobody changed it since it was read.
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

/** Never called: what the types refuse, so that a mistake is red before it is sent. */
export const refused: (() => NewPreparedTicket)[] = [
  // @ts-expect-error the reference is required
  () => ({ customer_id: '', vehicle_model_id: 1, vin: null }),
  // @ts-expect-error a read-only member has its type, too
  () => ({ ...ticket, ticket_number: 'seven' }),
];
