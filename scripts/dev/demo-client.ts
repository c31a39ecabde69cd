import { demoPartner } from './demo-credentials.ts';

const { client_id, client_secret } = demoPartner(
  'demo:client',
  'Prints `client_id:client_secret` of a demo partner, for `curl -u`.',
);
process.stdout.write(`${client_id}:${client_secret}\n`);
