import { READ_TAG_AGAIN, setETag, VARIABLES_HEADING } from '../sample-variables.ts';
import { setTicketId } from './lists.ts';

const LINE =
  '$API/v2/tickets/prepared-tickets/$TICKET_ID/product-lines/c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3';

/** Of the tag "Product lines". */
export const productLines = `The services to perform within a ticket. A line has no id of its own: a ticket has at most one line for a product. A customer can use a ticket only if it has at least one line.

Each line has an \`ETag\` of its own. Creating, changing or deleting a line does not change the \`ETag\` of its ticket.

${VARIABLES_HEADING} Besides \`TOKEN\` and \`API_KEY\`, the samples use a ticket of yours that has a line. PUT and DELETE send the \`ETag\` of the line in \`If-Match\`.

\`\`\`sh
${setTicketId}
curl -sS -X PUT -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" -H 'Content-Type: application/json' ${LINE} -d '{"quantity": 1}'
${setETag('TOKEN', LINE)}
\`\`\`

${READ_TAG_AGAIN}`;
