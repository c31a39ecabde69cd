import { rateLimitPolicies } from '../../http/requests/rate-limit.ts';

const meanings: Record<keyof typeof rateLimitPolicies, string> = {
  partner: 'All requests of one partner, those for access tokens included.',
  refusedCredentials:
    'Attempts with wrong credentials from one internet address: with wrong keys or secrets for each client, with wrong tokens together.',
  tokenRequests:
    'Requests for access tokens from one internet address whose credentials were not right there lately.',
};

const rows = Object.entries(rateLimitPolicies).map(
  ([key, { name, quota, windowSeconds }]) =>
    `| \`${name}\` | ${meanings[key as keyof typeof rateLimitPolicies]} | ${quota} in ${windowSeconds} seconds |`,
);

/** The policies as they are enforced. */
export const rateLimits = `## Rate limits

| policy | counts | allows |
| --- | --- | --- |
${rows.join('\n')}

Limits are on unless the operator turned them off: a response that carries \`RateLimit-Policy\` was counted. One request too many answers 429 and does nothing. Right credentials that were used lately are not held up by whoever else fails at the same address. Wait for the seconds in \`Retry-After\`, then go on slower. The header \`RateLimit-Policy\` names the policy, its quota \`q\` and its window \`w\` in seconds; \`violated-policies\` in the problem names the one that was exceeded. There is no count of what remains: limits are counted where your request arrives and a little late, so a number would be a guess.

\`\`\`sh
curl -sS -o /dev/null -D - -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" "$API/v2/tickets/prepared-tickets?limit=0"
\`\`\``;
