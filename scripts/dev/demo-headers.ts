import { fail } from '../process/fail.ts';
import { demoPartner } from './demo-credentials.ts';
import { localOrigin } from './local.ts';

const credentials = demoPartner(
  'demo:headers',
  'Prints the two headers that authenticate a request, for `curl -H @file`. The access token comes from the running server.',
);
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
    `The API does not respond at ${origin}. Start the API with \`npm run dev\` (PORT, if set, must agree).`,
  ),
);
const answer = await response.text();
if (!response.ok) {
  fail(
    `${origin}/oauth2/token answered ${response.status}: ${answer}\n` +
      'If the client is unknown, start `npm run dev` again: it creates new demo credentials.',
  );
}
const { access_token } = JSON.parse(answer) as { access_token: string };
process.stdout.write(`Authorization: Bearer ${access_token}\nx-api-key: ${credentials.api_key}\n`);
