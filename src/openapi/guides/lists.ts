import { EXAMPLE_REFERENCE } from '../../resources/tickets/prepared-tickets/by-reference/by-reference.schemas.ts';
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

**Find tickets.** A list response contains \`query\` (the applied parameters, including defaults), \`result\` (one page) and \`total\` (the exact number of matches). The newest tickets come first. If you send several filters, the list contains only tickets that match all of them.

\`\`\`sh
curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" "$API/v2/tickets/prepared-tickets?vin=jh4ka7630pc007649&created_after=2019-08-24T14:15:22Z&limit=10"
\`\`\`

- Pages: choose them with \`limit\` (0 to 1000, default 25) and \`offset\`. Follow the \`rel="next"\` URL in the \`Link\` header until a response has none. \`limit=0\` returns only the total.
- Times: send RFC 3339 date-times with a time zone. Write the \`+\` of an offset as \`%2B\` in a URL. \`created_after\` and \`created_before\` are exclusive bounds.
- VINs: upper and lower case are equivalent. An empty \`vin=\` returns the tickets without a VIN.
- Errors: an unknown, repeated or empty parameter returns 400, so that a typo never returns the whole list. Only \`vin\` and \`preparer_external_reference\` may be empty.
- Changes while paging: tickets created while you are paging shift the remaining results. To keep pages stable, set \`created_before\` to a fixed time; only deletions can then shift them.

${VARIABLES_HEADING} In addition to \`TOKEN\` and \`API_KEY\`, the samples use one of your tickets, and one with the reference \`${EXAMPLE_REFERENCE}\`. PUT and DELETE of the first one send its \`ETag\` in \`If-Match\`.

\`\`\`sh
${setTicketId}
${putTicketByReference}
${setETag('TOKEN', `${TICKETS}/$TICKET_ID`)}
\`\`\`

${READ_TAG_AGAIN}`;
