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
    `The API does not respond at ${origin}. Start the API with \`npm run dev\` (with the same PORT, if it is set).`,
  ),
);
const body = await response.text();
if (!response.ok) {
  fail(
    `${origin}/oauth2/token returned ${response.status}: ${body}\n` +
      'If the client is unknown, restart `npm run dev`, which creates new demo credentials.',
  );
}
const { access_token } = JSON.parse(body) as { access_token: string };
process.stdout.write(`Authorization: Bearer ${access_token}\nx-api-key: ${credentials.api_key}\n`);
