/**
 * `npm run -s demo:headers [-- other]` prints the two headers that a request needs, for
 * `curl -H @file`. The token comes from the running server.
 */
import { demoPartner } from './demo-credentials.ts';
import { fail } from './fail.ts';
import { localOrigin } from './local.ts';

const credentials = demoPartner('demo:headers');
const origin = localOrigin();
const response = await fetch(`${origin}/oauth2/token`, {
  method: 'POST',
  body: new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: credentials.client_id,
    client_secret: credentials.client_secret,
  }),
  signal: AbortSignal.timeout(10_000),
}).catch(() =>
  fail(
    `Nothing answers at ${origin}: start the API with \`npm run dev\` (PORT, if set, must agree).`,
  ),
);
const answer = await response.text();
if (!response.ok) {
  fail(
    `${origin}/oauth2/token answered ${response.status}: ${answer}\n` +
      'If it does not know the client, start `npm run dev` again: it makes new demo credentials.',
  );
}
const { access_token } = JSON.parse(answer) as { access_token: string };
process.stdout.write(`Authorization: Bearer ${access_token}\nx-api-key: ${credentials.api_key}\n`);
