const BY_REFERENCE = '$API/v2/tickets/prepared-tickets/by-reference';

/** How an ERP keeps its orders and their tickets equal, by a key that it has anyway. */
export const syncByReference = `## Sync by your own reference

Your ERP has a number for each order. Use it as the \`preparer_external_reference\` of the ticket, and address the ticket by it: you need to store neither our identifiers nor idempotency keys.

1. When an order is created or changed, send its whole ticket. If there is no ticket with the reference, it is created (201). If there is one, it is replaced (200).

\`\`\`sh
curl -sS -X PUT -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" -H 'Content-Type: application/json' ${BY_REFERENCE}/ORDER%2F2026%2F17 -d '{"customer_id": "160c0c4b-9966-4dc1-a916-8407eb10d74e", "vehicle_model_id": 4711, "vin": "JH4KA7630PC007649", "voucher_code": null, "product_lines": [{"product_id": "c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3", "quantity": 1}]}'
\`\`\`

2. Read the ticket when you need it.

\`\`\`sh
curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" ${BY_REFERENCE}/ORDER%2F2026%2F17
\`\`\`

3. Delete it when the order is cancelled.

\`\`\`sh
curl -sS -X DELETE -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" ${BY_REFERENCE}/ORDER%2F2026%2F17
\`\`\`

- Repeat any of these requests as often as you like. PUT with the same body leaves the same ticket, whether the first request succeeded or not.
- Percent-encode the reference in the path: \`ORDER/2026/17\` is written \`ORDER%2F2026%2F17\`. The references \`.\` and \`..\` cannot be part of a URL; use the ticket's \`id\` for these.
- Without \`product_lines\`, the lines stay as they are. With it, they are replaced; \`[]\` removes them all.
- The customer of a ticket cannot change. Another \`customer_id\` is a violation (\`immutable\`).
- If several tickets have the reference, for example because you also create tickets with POST, the response is 409 with the identifiers of at most ten of them, and nothing is changed. Delete the wrong ones by their \`id\`.
- When the customer has picked the ticket up, PUT, GET and DELETE return 410 with the type \`/problems/picked-up\`, and nothing is changed. \`ticket\` is the path of the ticket that it became. An ERP that repeats itself never prepares a second ticket for a job that is under way. For a new job, use a new reference.
- If your quota of prepared tickets is reached, a PUT that would create a ticket returns 409 with the type \`/problems/ticket-quota-exceeded\`. A PUT that replaces one still works.
- To keep two editors from overwriting each other's changes, send \`If-Match\` with the \`ETag\` that you read. To create a ticket only if there is none, send \`If-None-Match: *\`.`;
