/** The night of a client from orval, for `npm run check -- future`. Its schemas validate what was received. */

import * as api from './client/api.ts';
import * as schemas from './client/zod.ts';
import { after, all, form, lenient, limit, messages, orders, path, spend, valid } from './steps.ts';
import { linesOf } from './ticket_stream.ts';

const { TOKEN = '', API_KEY = '' } = process.env;
const headers = { Authorization: `Bearer ${TOKEN}`, 'x-api-key': API_KEY };

/** Returns the data of a response. @throws Error if it does not have the schema. */
async function check(
  schema: Parameters<typeof valid>[0],
  response: Promise<{ data: unknown }>,
): Promise<ReturnType<typeof valid>> {
  return valid(schema, (await response).data);
}

await spend({
  token: () => check(schemas.AccessToken, api.createToken(form)),
  sync: () => check(schemas.PreparedTicketSyncResult, api.syncPreparedTickets(orders, { headers })),
  batch: () => {
    const options = { headers: { ...headers, ...lenient } };
    return check(schemas.LenientPreparedTicketBatch, api.createPreparedTickets(orders, options));
  },
  list: () => check(schemas.PreparedTicketList, api.listPreparedTickets({}, { headers })),
  tickets: () => check(schemas.TicketList, api.listTickets({}, { headers })),
  export: async () => {
    const response = await api.exportPreparedTickets({}, { headers });
    const body = 'stream' in response ? response.stream.body : null;
    return valid(schemas.PreparedTicketWithLines, ...(body ? await all(linesOf(body)) : []));
  },
  feed: () => check(schemas.EventPage, api.listEvents({ limit }, { headers })),
  readiness: () => {
    const id = path['prepared-ticket-id'];
    return check(schemas.Readiness, api.getPreparedTicketReadiness(id, { headers }));
  },
  endpoints: () => check(schemas.WebhookEndpointList, api.listWebhookEndpoints({}, { headers })),
  webhooks: async () => valid(schemas.WebhookMessage, ...messages),
  problem: () => check(schemas.Problem, api.listEvents({ after }, { headers })),
});
