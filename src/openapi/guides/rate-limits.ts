import { policies } from '../../http/rate-limit.ts';

const meanings: Record<keyof typeof policies, string> = {
  partner: 'All requests of one partner.',
  address: 'Attempts of one internet address, once it sent credentials that are wrong.',
};

const rows = Object.entries(policies).map(
  ([key, { name, quota, window }]) =>
    `| \`${name}\` | ${meanings[key as keyof typeof policies]} | ${quota} in ${window} seconds |`,
);

/** The policies as they are enforced. */
export const rateLimits = `## Rate limits

| policy | counts | allows |
| --- | --- | --- |
${rows.join('\n')}

Limits are on unless the operator turned them off: a response that carries \`RateLimit-Policy\` was counted. One request too many answers 429 and does nothing. Wait for the seconds in \`Retry-After\`, then go on slower. The header \`RateLimit-Policy\` names the policy, its quota \`q\` and its window \`w\` in seconds; \`violated-policies\` in the problem names the one that was exceeded. There is no count of what remains: limits are counted where your request arrives and a little late, so a number would be a guess.

\`\`\`sh
curl -sS -o /dev/null -D - -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" "$API/v2/tickets/prepared-tickets?limit=0"
\`\`\``;
