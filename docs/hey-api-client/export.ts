// export.ts
import { client } from './client/client.gen.ts';
import { exportPreparedTickets, type PreparedTicketWithLines } from './client/index.ts';
import { linesOf, nextCursor } from './ticket_stream.ts';

const { TOKEN = '', API_KEY = '' } = process.env;
const limit = Number(process.argv[2] ?? 10_000);
client.setConfig({ auth: ({ type }) => (type === 'apiKey' ? API_KEY : TOKEN) });

let after: string | null = null;
do {
  const { data, response } = await exportPreparedTickets({
    query: { limit, ...(after && { after }) },
    // Without this, the client waits for the whole page and parses it as one JSON value.
    parseAs: 'stream',
    throwOnError: true,
  });
  // The type of the response is that of a line.
  const stream = data as unknown as ReadableStream<Uint8Array>;
  for await (const ticket of linesOf<PreparedTicketWithLines>(stream)) {
    console.log(ticket.ticket_number, ticket.preparer_external_reference);
  }
  after = nextCursor(response);
} while (after);
