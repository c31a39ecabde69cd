// export.ts
import createClient from 'openapi-fetch';
import type { components, paths } from './api.d.ts';
import { linesOf, nextCursor } from './ticket_stream.ts';

type Ticket = components['schemas']['PreparedTicketWithLines'];

const { API = '', TOKEN = '', API_KEY = '' } = process.env;
const limit = Number(process.argv[2] ?? 10_000);
const headers = { Authorization: `Bearer ${TOKEN}`, 'x-api-key': API_KEY };
const client = createClient<paths>({ baseUrl: API, headers });

let after: string | null = null;
do {
  const { data, error, response } = await client.GET('/v2/tickets/prepared-ticket-export', {
    params: { query: { limit, ...(after && { after }) } },
    // Without this, the client waits for the whole page and parses it as one JSON value.
    parseAs: 'stream',
  });
  if (!data) {
    throw new Error(error?.detail);
  }
  for await (const ticket of linesOf<Ticket>(data)) {
    console.log(ticket.ticket_number, ticket.preparer_external_reference);
  }
  after = nextCursor(response);
} while (after);
