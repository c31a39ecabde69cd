/**
 * `npm run -s keys:generate` prints a new private ES256 key as a JWK, for SIGNING_KEY_A or SIGNING_KEY_B. With
 * `-- webhooks` it prints a JWK Set with one new key, for WEBHOOK_KEYS.
 */
import { Argument, Command } from 'commander';
import { newSealingKeySet } from '../../src/auth/sealing-keys.ts';
import { newSigningKey } from '../../src/auth/signing-keys.ts';

const [use] = new Command('npm run -s keys:generate --')
  .description('Prints a new key for a secret of the deployment.')
  .addArgument(
    new Argument('[use]', 'what the key is for').choices(['tokens', 'webhooks']).default('tokens'),
  )
  .parse().processedArgs as [string];

console.log(JSON.stringify(use === 'webhooks' ? newSealingKeySet() : await newSigningKey()));
