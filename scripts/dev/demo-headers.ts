import { fail } from '../process/fail.ts';
import { demoPartner } from './demo-credentials.ts';
import { demoToken } from './demo-token.ts';
import { localOrigin } from './local.ts';

const credentials = demoPartner(
  'demo:headers',
  'Prints the two headers that authenticate a request, for `curl -H @file`. The access token comes from the running server.',
);
const token = await demoToken(localOrigin(), credentials).catch((error: Error) =>
  fail(error.message),
);
process.stdout.write(`Authorization: Bearer ${token}\nx-api-key: ${credentials.api_key}\n`);
