/** The night of a client from openapi-typescript, for `npm run check -- future`. */
import createClient from 'openapi-fetch';
import type { components, paths } from './api.d.ts';
import { after, all, form, lenient, limit, messages, orders, path, spend } from './steps.ts';
import { linesOf } from './ticket_stream.ts';

type Schemas = components['schemas'];

const { API = '', TOKEN = '', API_KEY = '' } = process.env;
const headers = { Authorization: `Bearer ${TOKEN}`, 'x-api-key': API_KEY };
const client = createClient<paths>({ baseUrl: API, headers });
const TICKET = '/v2/tickets/prepared-tickets/{prepared-ticket-id}';

await spend({
  token: () => {
    // The client authenticates in the body.
    const headers = { Authorization: null, 'Content-Type': 'application/x-www-form-urlencoded' };
    return client.POST('/oauth2/token', { body: form, headers });
  },
  sync: () => client.POST('/v2/tickets/prepared-ticket-syncs', { body: orders }),
  batch: () => {
    const options = { body: orders, params: { header: lenient } };
    return client.POST('/v2/tickets/prepared-ticket-batches', options);
  },
  list: () => client.GET('/v2/tickets/prepared-tickets'),
  tickets: () => client.GET('/v2/tickets/tickets'),
  export: async () => {
    const EXPORT = '/v2/tickets/prepared-ticket-export';
    const { data, error } = await client.GET(EXPORT, { parseAs: 'stream' });
    return data
      ? { data: await all(linesOf<Schemas['PreparedTicketWithLines']>(data)) }
      : { error };
  },
  feed: () => client.GET('/v2/system/events', { params: { query: { limit } } }),
  readiness: () => client.GET(`${TICKET}/readiness`, { params: { path } }),
  endpoints: () => client.GET('/v2/system/webhook-endpoints'),
  webhooks: async () => ({ data: messages satisfies Schemas['WebhookMessage'][] }),
  problem: async () => {
    const { error } = await client.GET('/v2/system/events', { params: { query: { after } } });
    return { data: error satisfies Schemas['Problem'] | undefined };
  },
});

const later: string = 'a value of a later year';
/** The compiler must accept every value, because this client validates nothing. */
export const open: readonly [
  Schemas['ViolationCode'],
  Schemas['Event']['type'],
  Schemas['Ticket']['state'],
  Schemas['Readiness']['missing'][number],
  Schemas['Problem']['type'],
  NonNullable<Schemas['WebhookEndpoint']['disabled_reason']>,
] = [later, later, later, later, later, later];
