import { ACCESS_TOKEN_LIFETIME_S } from '../../auth/access-tokens.ts';
import { ON_REQUEST_ONLY, scopes } from '../../auth/scopes.ts';

const rows = Object.entries(scopes).map(([scope, meaning]) => `| \`${scope}\` | ${meaning} |`);
const onRequestOnly = ON_REQUEST_ONLY.map((scope) => `\`${scope}\``).join(' and ');

/** The guide to the tag "Access tokens", in Markdown. */
export const credentials = `Every request to \`/v2\` needs two credentials. Both must belong to the same partner.

- **An access token** identifies the program that sends the request, and what it is allowed to do. Send it as \`Authorization: Bearer <token>\`. A client gets a token from \`/oauth2/token\` with its \`client_id\` and \`client_secret\`.
- **The API key** identifies the partner. Send it as \`x-api-key: <key>\`.

Keep client secrets and API keys on your servers, never in a web page, an app or a repository. The guide "Create and rotate credentials" explains how to create, rotate and delete them.

| scope | allows |
| --- | --- |
${rows.join('\n')}

**Request a token.** Without \`scope\` in the request, the token has every scope of its client except ${onRequestOnly}, which you must name. Request only the scopes that your program needs:

\`\`\`sh
curl -sS -u "$CLIENT_ID:$CLIENT_SECRET" -d grant_type=client_credentials -d scope=prepared-tickets:read $API/oauth2/token
\`\`\`

**Renew the token before it expires.** A token is valid for ${ACCESS_TOKEN_LIFETIME_S} seconds (\`expires_in\`). There are no refresh tokens: request a new access token instead. Use the current token for all requests, and get the next one a minute before it expires, so that you never send an expired token. In JavaScript:

\`\`\`js
const { API, CLIENT_ID, CLIENT_SECRET, API_KEY } = process.env;
let token;

async function accessToken() {
  if (!token || Date.now() > token.refreshAt) {
    const response = await fetch(\`\${API}/oauth2/token\`, {
      method: 'POST',
      headers: { Authorization: \`Basic \${btoa(\`\${CLIENT_ID}:\${CLIENT_SECRET}\`)}\` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    if (!response.ok) throw new Error(await response.text());
    const { access_token, expires_in } = await response.json();
    token = { value: access_token, refreshAt: Date.now() + (expires_in - 60) * 1000 };
  }
  return token.value;
}

const response = await fetch(\`\${API}/v2/tickets/prepared-tickets?limit=1\`, {
  headers: { Authorization: \`Bearer \${await accessToken()}\`, 'x-api-key': API_KEY },
});
if (!response.ok) throw new Error(await response.text());
console.log((await response.json()).total);
\`\`\`

**Handle a 401 by its \`type\`:**

- \`/problems/token-expired\`: get a new token and send the request again.
- \`/problems/token-invalid\`: get a new token and send the request again, once. If that fails too, check how your program stores and sends the token.
- \`/problems/api-key-invalid\` and \`/problems/credentials-missing\`: a new token does not help. Check the headers that you send.`;
