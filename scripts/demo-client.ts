/**
 * `npm run -s demo:client [-- other]` prints `client_id:client_secret` of a demo partner, for
 * `curl -u`.
 */
import { demoPartner } from './demo-credentials.ts';

const { client_id, client_secret } = demoPartner('demo:client');
process.stdout.write(`${client_id}:${client_secret}\n`);
