/** A shell expression for a random value, which works on every POSIX system. */
const NEW_KEY = "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')";

/** The guide to retries, idempotency and conditional updates, in Markdown. */
export const retries = `## Retry, idempotency and conditional updates

**Retry** when you receive no complete response, and when you receive 429 or a status from 500: first wait the number of seconds in \`Retry-After\`, if there is one. Wait longer each time, and give up after ten tries. You can repeat GET, PUT and DELETE as they are. If a PUT created a ticket but its response was lost, the retry returns 200 instead of 201; if a DELETE succeeded but its response was lost, the retry returns 404. A 410 with the type \`/problems/picked-up\` is final: the customer picked the ticket up, so do not retry the change.

**A POST** can be repeated if it carries an \`Idempotency-Key\`. Create one UUID for each intention, that is, for each ticket, client, API key or webhook endpoint that you want to create. Store it with your order before the first try, and send the same key with the same body in each retry. If you repeat the request within 24 hours, nothing is created: you get the original 201 again, with \`Idempotent-Replayed: true\`. Secrets are not repeated; they are \`null\`.

\`\`\`sh
export KEY=${NEW_KEY}
for attempt in 1 2; do
  curl -sS -i -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" -H 'Content-Type: application/json' -H "Idempotency-Key: \\"$KEY\\"" $API/v2/tickets/prepared-tickets -d '{"customer_id": "160c0c4b-9966-4dc1-a916-8407eb10d74e", "vehicle_model_id": 4711, "vin": null, "preparer_external_reference": "ORDER-1002"}'
done
\`\`\`

- **Do not use the number of your order as the key.** A replay returns the original response even if the ticket was changed or deleted in the meantime. If you create a ticket, delete it, and create it again under the same key, you get 201 with \`Idempotent-Replayed: true\`, and the ticket no longer exists. A new intention needs a new key.
- The same key with another body returns 422.
- Only a request that succeeds uses up its key. After a 400, correct the body and send it with the same key. A lenient batch succeeds even if it creates nothing, so it uses up its key: send the corrected items with a new one.
- Double quotes around the key are optional: \`"k"\` and \`k\` are the same key.
- Clients and API keys share one set of keys; tickets and webhook endpoints each have another. A key that created a client returns 422 for an API key.

**Conditional updates** keep two editors from overwriting each other's changes. A response with a single ticket, line, client, API key or webhook endpoint has an \`ETag\`. Send it in \`If-Match\` with PUT or DELETE: if the resource has changed since you read it, you get 412 and nothing is saved. Read the resource again, and decide again whether to change it. (If a PUT succeeded but its response was lost, the retry also returns 412. Read the resource to see whether your change is already there.) Rotation accepts \`If-Match\` as well. The \`ETag\` of a client or API key also changes whenever its \`last_used_at\` is updated. The \`ETag\` of a webhook endpoint does not change with its failed attempts, and that of a ticket not with its product lines. With \`If-None-Match\`, a GET returns 304 without a body if nothing has changed, and a PUT or DELETE returns 412 if the current \`ETag\` is one of those listed. To create a product line only if it is absent, PUT it with \`If-None-Match: *\`.`;
