import { READ_TAG_AGAIN, setETag, setId, VARIABLES_HEADING } from '../sample-variables.ts';

const TICKETS = '$API/v2/tickets/prepared-tickets';

/** A command that sets `TICKET_ID` to a new ticket. */
export const setTicketId = setId('TICKET_ID', 'TOKEN', TICKETS, {
  customer_id: '160c0c4b-9966-4dc1-a916-8407eb10d74e',
  vehicle_model_id: 4711,
  vin: null,
  preparer_external_reference: 'ORDER-1004',
});

/** Of the tag "Prepared tickets". */
export const lists = `Pre-filled tickets for customers to pick up in the Customer Portal.

**Where the identifiers come from.** \`customer_id\`, \`vehicle_model_id\` and \`product_id\` are identifiers of the Customer Portal. Ask its operator for those of your customers, of the vehicle models and of the products: this API does not list them. It also does not check that they exist. A ticket with a wrong identifier is stored like any other.

**Lists, filters and totals.** A list answers \`query\` (what was applied, defaults included), \`result\` (one page) and \`total\` (how many match, always exact). Newest tickets come first. All given filters apply together.

\`\`\`sh
curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" "$API/v2/tickets/prepared-tickets?vin=jh4ka7630pc007649&created_after=2019-08-24T14:15:22Z&limit=10"
\`\`\`

- Pages: \`limit\` (0 to 1000, default 25) and \`offset\`. Follow \`rel="next"\` of the \`Link\` header until there is none. \`limit=0\` gives the total alone.
- Times: RFC 3339 with a zone. A \`+\` in a URL is written \`%2B\`. Both bounds are exclusive.
- \`vin\` in any case. \`vin=\` with nothing gives the tickets without a VIN.
- A parameter that is unknown, sent twice or empty is an error, so that a typo never gives you the whole list. Only \`vin\` and \`preparer_external_reference\` may be empty.
- Tickets that are created while you walk the pages move the others back. Give \`created_before\` a fixed time, and the pages stand still but for deletions.

${VARIABLES_HEADING} Besides \`TOKEN\` and \`API_KEY\`, the samples use a ticket of yours. PUT and DELETE send its \`ETag\` in \`If-Match\`.

\`\`\`sh
${setTicketId}
${setETag('TOKEN', `${TICKETS}/$TICKET_ID`)}
\`\`\`

${READ_TAG_AGAIN}`;
