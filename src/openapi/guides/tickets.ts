import { putResource, setId, setToken, VARIABLES_HEADING } from '../sample-variables.ts';

const TICKETS = '$API/v2/tickets/prepared-tickets';
const CUSTOMER_ID = '160c0c4b-9966-4dc1-a916-8407eb10d74e';
const LINE = `${TICKETS}/$TICKET_ID/product-lines/c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3`;

/** The commands that create a ticket that can be picked up, and set `TICKET_ID` to its identifier. */
const setReadyTicket = `${setId('TICKET_ID', 'TOKEN', TICKETS, {
  customer_id: CUSTOMER_ID,
  vehicle_model_id: 4711,
  vin: 'JH4KA7630PC007649',
  preparer_external_reference: 'ORDER-1005',
})}
${putResource('TOKEN', LINE, { quantity: 1 })}`;

/** The guide to the tag "Tickets", in Markdown. */
export const tickets = `When a customer picks up a prepared ticket in the Customer Portal, it becomes a ticket. It keeps its identifier, its number, its values and its product lines, and it leaves the list of prepared tickets. You can read it, but no longer change it.

**Find what was picked up.** The most recently picked-up ticket comes first. \`picked_up_after\` and \`picked_up_before\` are exclusive bounds, and the other filters find the tickets of a customer, with your reference, or with a number:

\`\`\`sh
curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" "$API/v2/tickets/tickets?picked_up_after=2019-08-24T14:15:22Z&limit=10"
\`\`\`

- Pages: choose them with \`limit\` and \`offset\`, as for prepared tickets. Tickets that are picked up while you are paging shift the remaining results. To keep pages stable, set \`picked_up_before\` to a fixed time.
- State: \`state\` is \`pending\` at present. Further states will be added, so your program must accept values that it does not know.

**Read one ticket** by the identifier of the prepared ticket that it was. An identifier of a ticket that was not picked up returns 404.

**Pick up** is an operation of the Customer Portal, which authenticates the customer before it sends the request. Use it to test your integration: it needs a client with the scope \`prepared-tickets:pick-up\`, and a token whose request names this scope.

${VARIABLES_HEADING} In addition to \`TOKEN\` and \`API_KEY\`, the samples use a ticket that was picked up, one that can be picked up, and a token with the scope \`prepared-tickets:pick-up\`.

\`\`\`sh
${setToken('PICK_UP', 'prepared-tickets:pick-up')}
${setReadyTicket}
${setId('PICKED_UP_ID', 'PICK_UP', `${TICKETS}/$TICKET_ID/pick-up`, { customer_id: CUSTOMER_ID })}
${setReadyTicket}
\`\`\`

Run the last two commands again before each pick-up, because a ticket can be picked up only once.`;
