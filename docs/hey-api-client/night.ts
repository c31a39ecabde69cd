/** The night of a client from Hey API, which validates each response, for `npm run check -- future`. */
import { client } from './client/client.gen.ts';
import * as api from './client/index.ts';
import { zPreparedTicketWithLines, zProblem, zWebhookMessage } from './client/zod.gen.ts';
import { after, all, form, lenient, limit, messages, orders, path, spend, valid } from './steps.ts';
import { linesOf } from './ticket_stream.ts';

const { API = '', TOKEN = '', API_KEY = '' } = process.env;
client.setConfig({ baseUrl: API, auth: ({ type }) => (type === 'apiKey' ? API_KEY : TOKEN) });

await spend({
  token: () => api.createToken({ body: form }),
  sync: () => api.syncPreparedTickets({ body: orders }),
  batch: () => api.createPreparedTickets({ body: orders, headers: lenient }),
  list: () => api.listPreparedTickets(),
  tickets: () => api.listTickets(),
  export: async () => {
    const { data, error } = await api.exportPreparedTickets({ parseAs: 'stream' });
    const stream = data as unknown as ReadableStream<Uint8Array> | undefined;
    return stream ? valid(zPreparedTicketWithLines, ...(await all(linesOf(stream)))) : { error };
  },
  feed: () => api.listEvents({ query: { limit } }),
  readiness: () => api.getPreparedTicketReadiness({ path }),
  endpoints: () => api.listWebhookEndpoints(),
  webhooks: async () => valid(zWebhookMessage, ...messages),
  problem: async () => {
    const { error } = await api.listEvents({ query: { after } });
    return valid(zProblem, error);
  },
});
