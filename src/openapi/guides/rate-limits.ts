import { rateLimitPolicies } from '../../http/requests/rate-limit.ts';

const meanings: Record<keyof typeof rateLimitPolicies, string> = {
  partner: 'All requests of one partner, including those for access tokens.',
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

**What you see.** \`RateLimit-Policy\` in a response names the policy that the request counted against, its quota \`q\` and its window \`w\` in seconds. The header is absent if the operator has turned limits off. Responses don't include a remaining count: limits are counted per location and with a short delay, so the number would be unreliable.

**What to do after a 429.** A request that exceeds a limit returns 429 and is not processed; \`violated-policies\` in the problem names the exceeded policy. Wait the number of seconds in \`Retry-After\`, then send requests more slowly. Someone else's failed attempts from your IP address do not affect credentials of yours that were accepted recently.

This command shows the headers of a response:

\`\`\`sh
curl -sS -o /dev/null -D - -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" "$API/v2/tickets/prepared-tickets?limit=0"
\`\`\``;
