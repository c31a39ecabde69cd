import { rateLimitPolicies } from '../../http/requests/rate-limit.ts';

const meanings: Record<keyof typeof rateLimitPolicies, string> = {
  partner: 'All requests of one partner, including those for access tokens.',
  batches: 'Batches of one partner.',
  exports: 'Exports of one partner, each page as one request.',
  searches:
    'Lists of one partner with two or more of the filters `customer_id`, `preparer_external_reference`, `product_id` and `vin`. A list that also has `ticket_number` does not count, and bounds of time make no difference.',
  refusedCredentials:
    'Requests from an IP address that has sent invalid credentials: separately for each client whose API key or secret is wrong, and together for all invalid tokens.',
  tokenRequests:
    'Requests for access tokens from one IP address with credentials that have not been accepted recently. Workers of Cloudflare zones, which share one address, are counted for each zone.',
};

const rows = Object.entries(rateLimitPolicies).map(
  ([key, { name, quota, windowSeconds }]) =>
    `| \`${name}\` | ${meanings[key as keyof typeof rateLimitPolicies]} | ${quota} in ${windowSeconds} seconds |`,
);

/** The guide to rate limits, in Markdown, with the policies that the API enforces. */
export const rateLimits = `## Rate limits

| policy | counts | allows |
| --- | --- | --- |
${rows.join('\n')}

**What you see.** \`RateLimit-Policy\` in a response names each policy that the request counted against, separated by commas, with its quota \`q\` and its window \`w\` in seconds. Every request counts against \`partner\`, and batches, exports and searches also count against a policy of their own. The header is absent if the operator has turned limits off. Responses don't include a remaining count: limits are counted per location and with a short delay, so the number would be unreliable.

**What waits.** At most two of your lists, exports and batches are at the database at a time; the others wait in order. A list that takes the database long, because very many tickets match, keeps its place for some time after its response. Requests for a single ticket never wait for them. To find one ticket, its number, its VIN or your reference alone is fastest.

**What to do after a 429.** A request that exceeds a limit returns 429 and is not processed; \`violated-policies\` in the problem names the exceeded policy. Wait the number of seconds in \`Retry-After\`, then send requests more slowly. While you wait because of \`batches\`, \`exports\` or \`searches\`, all other requests go on. Someone else's failed attempts from your IP address do not affect credentials of yours that were accepted recently.

This command shows the headers of a response:

\`\`\`sh
curl -sS -o /dev/null -D - -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" "$API/v2/tickets/prepared-tickets?limit=0"
\`\`\``;
