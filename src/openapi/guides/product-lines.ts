import { putResource, READ_TAG_AGAIN, setETag, VARIABLES_HEADING } from '../sample-variables.ts';
import { setTicketId } from './lists.ts';

const LINE =
  '$API/v2/tickets/prepared-tickets/$TICKET_ID/product-lines/c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3';

/** The guide to the tag "Product lines", in Markdown. */
export const productLines = `Product lines are the services to perform within a ticket. A customer can use a ticket only if it has at least one line.

**Add a service** with PUT and the identifier of its product. A ticket has at most one line for each product, so a line has no identifier of its own: the same PUT creates the line or replaces its quantity. The response is 201 if the line was created and 200 if it was replaced. A ticket has at most 50 lines: a PUT that would add another one returns 409 with the problem \`too-many-product-lines\`, and those that are there can still be replaced.

**Change or delete a line** without overwriting someone else's change: send the \`ETag\` of the line in \`If-Match\`. Creating, changing or deleting a line does not change the \`ETag\` of its ticket.

${VARIABLES_HEADING} In addition to \`TOKEN\` and \`API_KEY\`, the samples use one of your tickets, with a product line. PUT and DELETE send the \`ETag\` of the line in \`If-Match\`.

\`\`\`sh
${setTicketId}
${putResource('TOKEN', LINE, { quantity: 1 })}
${setETag('TOKEN', LINE)}
\`\`\`

${READ_TAG_AGAIN}`;
