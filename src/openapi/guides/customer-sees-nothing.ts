import { putResource, setId, setToken } from '../sample-variables.ts';

const TICKETS = '$API/v2/tickets/prepared-tickets';
const CUSTOMER_ID = '160c0c4b-9966-4dc1-a916-8407eb10d74e';
const PRODUCT_ID = 'c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3';

/** How a partner finds out why a ticket does not appear in the Customer Portal. */
export const customerSeesNothing = `## Why does my customer not see the ticket?

In this guide you find out what a ticket lacks, and complete it. A prepared ticket appears in the Customer Portal when it has a VIN, a vehicle model and at least one product line. Only the customer in its \`customer_id\` sees it there.

1. Take a ticket that the customer does not see. Here it is a new one, without a VIN and without product lines. The command prints nothing.

\`\`\`sh
${setId('TICKET_ID', 'TOKEN', TICKETS, {
  customer_id: CUSTOMER_ID,
  vehicle_model_id: 4711,
  vin: null,
  preparer_external_reference: 'ORDER-1006',
})}
\`\`\`

2. Read its readiness. \`missing\` lists what it lacks. It never lists the vehicle model, because every ticket has one.

\`\`\`sh
curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" ${TICKETS}/$TICKET_ID/readiness
\`\`\`

\`\`\`json
{"ready":false,"missing":["vin","product_lines"]}
\`\`\`

3. Add what it lacks. A PUT of the ticket sets the VIN, and a PUT of a product line adds a service.

\`\`\`sh
${putResource('TOKEN', `${TICKETS}/$TICKET_ID`, {
  vehicle_model_id: 4711,
  vin: 'JH4KA7630PC007649',
  voucher_code: null,
  preparer_external_reference: 'ORDER-1006',
})}
${putResource('TOKEN', `${TICKETS}/$TICKET_ID/product-lines/${PRODUCT_ID}`, { quantity: 1 })}
\`\`\`

4. Read the readiness again. The customer now sees the ticket.

\`\`\`sh
curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" ${TICKETS}/$TICKET_ID/readiness
\`\`\`

\`\`\`json
{"ready":true,"missing":[]}
\`\`\`

**If the ticket is ready and the customer still does not see it,** one of these is the cause:

- **It belongs to another customer.** Read the ticket, and compare its \`customer_id\` with the identifier of the customer in the Customer Portal. This API does not check that the customer exists. The customer of a ticket cannot change: delete the ticket and create a new one.
- **The customer picked it up.** The prepared ticket then no longer exists. Its paths return 410 with the type \`/problems/picked-up\`, and \`ticket\` is the path of the ticket that it became.
- **You read the readiness right after a change.** The read can lag behind the change for a moment. To see your change, send the \`x-d1-bookmark\` of its response.
- **It was deleted.** Its paths return 404. The guide "Follow changes" shows how to learn of changes, with the client that made each of them.

**Try what happens after a pick-up.** The Customer Portal picks tickets up in the name of the customer, with the scope \`prepared-tickets:pick-up\`. If your client has this scope, for example in a test environment, you can do the same. The last command reads the ticket at the path in \`ticket\`.

\`\`\`sh
${setToken('PICK_UP', 'prepared-tickets:pick-up')}
curl -sS -H "Authorization: Bearer $PICK_UP" -H "x-api-key: $API_KEY" -H 'Content-Type: application/json' ${TICKETS}/$TICKET_ID/pick-up -d '{"customer_id": "${CUSTOMER_ID}"}'
TICKET_PATH=$(curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" ${TICKETS}/$TICKET_ID/readiness | sed 's/.*"ticket":"\\([^"]*\\)".*/\\1/')
curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" $API$TICKET_PATH
\`\`\``;
