import { algorithms } from './faulty-tokens/algorithms.ts';
import { claims } from './faulty-tokens/claims.ts';
import { duplicates } from './faulty-tokens/duplicates.ts';
import { forms } from './faulty-tokens/forms.ts';
import { headers } from './faulty-tokens/headers.ts';
import { keys } from './faulty-tokens/keys.ts';
import { signatures } from './faulty-tokens/signatures.ts';
import { type Forge, forge, forged, withClaims, withHeader } from './forging.ts';

const groups: Record<string, Forge>[] = [
  algorithms,
  keys,
  headers,
  signatures,
  claims,
  duplicates,
  forms,
];

/** Every faulty access token by its fault. The API rejects all of them with the same response. */
export const faultyTokens: Record<string, Forge> = Object.assign({}, ...groups);

/** Some tokens of each group, for the tests that send them to every operation. */
export const someFaultyTokens = groups.flatMap((group) => Object.entries(group).slice(0, 3));

/** Tokens that are created like the faulty ones but have no fault. The API accepts all of them. */
export const goodTokens: Record<string, Forge> = {
  'like any of ours': forge,
  'of typ AT+JWT': withHeader({ typ: 'AT+JWT' }),
  'of typ application/at+jwt': withHeader({ typ: 'application/at+jwt' }),
  'of a jku that nobody follows': withHeader({ jku: 'https://attacker.test/jwks.json' }),
  'of a claim that nobody reads': withClaims({ act: [{ sub: 'a' }, { sub: 'a' }] }),
  'of JSON with spaces': forged(() => ({ rewritePayload: (json) => json.replaceAll(',', ' ,\n') })),
  'that expires within a second': forged((now) => ({ claims: { exp: now + 1 } })),
  'that has just become valid': forged((now) => ({ claims: { nbf: now } })),
  'for two audiences': withClaims({ aud: ['https://other.test', 'https://api.test'] }),
  'that is very long': withClaims({ filler: 'x'.repeat(2500) }),
};
