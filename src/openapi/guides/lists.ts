import { EXAMPLE_REFERENCE } from '../../resources/tickets/prepared-tickets/by-reference/path.ts';
import {
  putResource,
  READ_TAG_AGAIN,
  setETag,
  setId,
  VARIABLES_HEADING,
} from '../sample-variables.ts';

const TICKETS = '$API/v2/tickets/prepared-tickets';

const CUSTOMER_ID = '160c0c4b-9966-4dc1-a916-8407eb10d74e';

/** A command that creates a ticket and sets `TICKET_ID` to its identifier. */
export const setTicketId = setId('TICKET_ID', 'TOKEN', TICKETS, {
  customer_id: CUSTOMER_ID,
  vehicle_model_id: 4711,
  vin: null,
  preparer_external_reference: 'ORDER-1004',
});

/** A command that puts a ticket under the reference that the samples use. */
const putTicketByReference = putResource('TOKEN', `${TICKETS}/by-reference/${EXAMPLE_REFERENCE}`, {
  customer_id: CUSTOMER_ID,
  vehicle_model_id: 4711,
  vin: null,
});

/** The guide to the tag "Prepared tickets", in Markdown. */
export const lists = `Prepared tickets are pre-filled tickets for customers to pick up in the Customer Portal. You create a ticket, add product lines to it, and update or delete it later. The customer sees it once it has a VIN, a vehicle model and a product line. Its readiness says what it lacks; see the guide "Why does my customer not see the ticket?".

**Get the identifiers.** \`customer_id\`, \`vehicle_model_id\` and \`product_id\` are identifiers of the Customer Portal. Ask its operator for the identifiers of your customers, of the vehicle models and of the products: this API does not list them. It does not check that they exist either, so it accepts a ticket with a wrong identifier.

**Find tickets** with filters, page by page: see the guide "Lists, filters and pagination".

${VARIABLES_HEADING} In addition to \`TOKEN\` and \`API_KEY\`, the samples use one of your tickets, and one with the reference \`${EXAMPLE_REFERENCE}\`. PUT and DELETE of the first one send its \`ETag\` in \`If-Match\`.

\`\`\`sh
${setTicketId}
${putTicketByReference}
${setETag('TOKEN', `${TICKETS}/$TICKET_ID`)}
\`\`\`

${READ_TAG_AGAIN}`;
