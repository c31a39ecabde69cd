import { ACCESS_TOKEN_LIFETIME_S } from '../../auth/access-tokens.ts';
import { scopes } from '../../auth/scopes.ts';

const rows = Object.entries(scopes).map(([scope, meaning]) => `| \`${scope}\` | ${meaning} |`);

/** Of the tag "Access tokens". */
export const credentials = `Each request to \`/v2\` carries two credentials. They must belong to the same partner.

- **An access token** says which of your programs calls and what it may do: \`Authorization: Bearer <token>\`. A client gets it from \`/oauth2/token\` with its \`client_id\` and \`client_secret\`.
- **The API key** says which partner calls: \`x-api-key: <key>\`.

Keep secret and key on your servers, never in a web page, an app or a repository. The guide to clients says how to make, rotate and end them.

| scope | allows |
| --- | --- |
${rows.join('\n')}

A token without \`scope\` in its request has every scope of its client but \`credentials:manage\`. Ask for fewer where fewer will do:

\`\`\`sh
curl -sS -u "$CLIENT_ID:$CLIENT_SECRET" -d grant_type=client_credentials -d scope=prepared-tickets:read $API/oauth2/token
\`\`\`

**Refresh before expiry.** A token is good for ${ACCESS_TOKEN_LIFETIME_S} seconds (\`expires_in\`). There is no refresh token: ask for a new access token. Keep the present one for all requests, and get the next one a minute before it expires, so that no request meets an expired one. In JavaScript:

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

**Decide by the type of a 401.** \`/problems/token-expired\`: get a new token and send the request once more. \`/problems/token-invalid\`: the same, once; if that fails too, look at how your program stores and sends the token. \`/problems/api-key-invalid\` and \`/problems/credentials-missing\`: a new token does not help, so check what you send.`;
