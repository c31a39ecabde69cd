import { setToken } from '../sample-variables.ts';

/** From nothing to a created ticket; the guides after it use the variables that it sets. */
export const firstRequest = (origin: string) => `## First request in five minutes

You need three values, which you got when you became a partner: \`client_id\`, \`client_secret\` and an API key. Copy these five commands into a terminal, one after the other. Every example on this page uses the variables that they set.

1. Set the address and your credentials.

\`\`\`sh
export API=${origin} CLIENT_ID=your-client-id CLIENT_SECRET=your-client-secret API_KEY=your-api-key
\`\`\`

2. Get an access token. It is good for an hour.

\`\`\`sh
${setToken('TOKEN')}
\`\`\`

3. Ask for your tickets. A new partner has none: \`"total":0\`.

\`\`\`sh
curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" "$API/v2/tickets/prepared-tickets?limit=1"
\`\`\`

4. Create a ticket.

\`\`\`sh
curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" -H 'Content-Type: application/json' $API/v2/tickets/prepared-tickets -d '{"customer_id": "160c0c4b-9966-4dc1-a916-8407eb10d74e", "vehicle_model_id": 4711, "vin": "JH4KA7630PC007649", "preparer_external_reference": "ORDER-1001"}'
\`\`\`

5. Find it again by your own reference.

\`\`\`sh
curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" "$API/v2/tickets/prepared-tickets?preparer_external_reference=ORDER-1001"
\`\`\`

A customer can use a ticket once it has a VIN, a vehicle model and at least one product line.`;
