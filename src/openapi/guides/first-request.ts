import { setToken } from '../sample-variables.ts';

/**
 * Returns the guide to the first request, in Markdown. The other guides use the variables that it sets.
 *
 * @param origin the base URL of this deployment, without a trailing slash.
 */
export const firstRequest = (origin: string) => `## First request in five minutes

In this guide you create a ticket and find it again. You need the three values that you received when you became a partner: \`client_id\`, \`client_secret\` and an API key. The first API key comes from us, with the client: a client alone cannot create one. Copy these five commands into a terminal, one after the other. Every example on this page uses the variables that they set.

1. Set the URL of the API and your credentials.

\`\`\`sh
export API=${origin} CLIENT_ID=your-client-id CLIENT_SECRET=your-client-secret API_KEY=your-api-key
\`\`\`

2. Get an access token. It is valid for one hour. The command prints nothing.

\`\`\`sh
${setToken('TOKEN')}
\`\`\`

3. List your tickets. The response contains \`"total":0\`, unless you have tickets already: the demo partners of a local API do. A response with \`"status":401\` means that a credential is missing or wrong; its \`detail\` tells you which one.

\`\`\`sh
curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" "$API/v2/tickets/prepared-tickets?limit=1"
\`\`\`

4. Create a ticket. The response contains the new ticket with its \`id\`.

\`\`\`sh
curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" -H 'Content-Type: application/json' $API/v2/tickets/prepared-tickets -d '{"customer_id": "160c0c4b-9966-4dc1-a916-8407eb10d74e", "vehicle_model_id": 4711, "vin": "JH4KA7630PC007649", "preparer_external_reference": "ORDER-1001"}'
\`\`\`

5. Find the ticket by your own reference.

\`\`\`sh
curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" "$API/v2/tickets/prepared-tickets?preparer_external_reference=ORDER-1001"
\`\`\`

A customer can use a ticket once it has a VIN, a vehicle model and at least one product line. The guide "Why does my customer not see the ticket?" shows how to find out what a ticket lacks, and how to add it.`;
