/** `npm run -s keys:generate` prints a new SIGNING_KEYS: a JWK set with one private ES256 key. */
import { newSigningKey } from '../src/auth/signing-keys.ts';

console.log(JSON.stringify({ keys: [await newSigningKey()] }));
