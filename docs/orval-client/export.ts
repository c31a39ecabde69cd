// export.ts
import { exportPreparedTickets, type PreparedTicketWithLines } from './client/api.ts';
import { linesOf, nextCursor } from './ticket_stream.ts';

const { TOKEN = '', API_KEY = '' } = process.env;
const limit = Number(process.argv[2] ?? 10_000);
const headers = { Authorization: `Bearer ${TOKEN}`, 'x-api-key': API_KEY };

let after: string | null = null;
do {
  const response = await exportPreparedTickets({ limit, ...(after && { after }) }, { headers });
  if (!('stream' in response && response.stream.body)) {
    throw new Error(`The export ended with ${response.status}.`);
  }
  for await (const ticket of linesOf<PreparedTicketWithLines>(response.stream.body)) {
    console.log(ticket.ticket_number, ticket.preparer_external_reference);
  }
  after = nextCursor(response.stream);
} while (after);
