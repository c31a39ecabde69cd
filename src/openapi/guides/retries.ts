/** Retries, idempotency and conditional updates. */
export const retries = `## Retries, idempotency and conditional updates

**Retry** after 429 and 503, when the seconds in \`Retry-After\` have passed, and when no answer came at all. Wait longer each time, and give up after a few tries. GET, PUT and DELETE may be repeated as they are: a DELETE that took effect answers the repetition with 404.

**A POST** may be repeated when it carries an \`Idempotency-Key\`. Make the key before the first try, one for each ticket, client or API key, and send the same key with the same body each time. Within 24 hours the repetition creates nothing: it answers what the first one did, with \`Idempotent-Replayed: true\`, but for a secret, which is null. The number of your order makes a good key.

\`\`\`sh
for attempt in 1 2; do
  curl -sS -i -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" -H 'Content-Type: application/json' -H 'Idempotency-Key: "order-1002"' $API/v2/tickets/prepared-tickets -d '{"customer_id": "160c0c4b-9966-4dc1-a916-8407eb10d74e", "vehicle_model_id": 4711, "vin": null, "preparer_external_reference": "ORDER-1002"}'
done
\`\`\`

**Conditional updates** keep two editors from overwriting each other. Each single ticket, line, client and API key is answered with an \`ETag\`. Send it back in \`If-Match\` with PUT or DELETE: if somebody changed it since, the answer is 412 and nothing was written. Read it again and decide anew. (A PUT that took effect although its answer was lost gives its repetition 412 too: read it, and see whether it is your change.) A rotation takes \`If-Match\` too; clients and API keys have a new \`ETag\` also when their last use is noted. With \`If-None-Match\`, a GET answers 304 without a body while nothing has changed, and a PUT or DELETE answers 412 when the present state is one of those named. PUT a product line with \`If-None-Match: *\` to create it only if it is absent.`;
