/** `npm run -s keys:generate` prints a new private ES256 key as a JWK, for SIGNING_KEY_A or SIGNING_KEY_B. */
import { newSigningKey } from '../../src/auth/signing-keys.ts';

console.log(JSON.stringify(await newSigningKey()));
