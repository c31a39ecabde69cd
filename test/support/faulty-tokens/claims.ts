import { each, type Forge, forged, withClaims } from '../forging.ts';

/** The address of the API under test, which is the issuer and the audience of its tokens. */
const ISSUER = 'https://api.test';

/** Values that do not identify this API as issuer or audience. */
const strangers: Record<string, unknown> = {
  'another one': 'https://other.test',
  'ours with a slash': `${ISSUER}/`,
  'ours with a path': `${ISSUER}/v2`,
  'ours in upper case': ISSUER.toUpperCase(),
  'ours without scheme': 'api.test',
  null: null,
};

/** Values that are not a time in whole seconds since 1970. */
const times: Record<string, unknown> = {
  null: null,
  true: true,
  'a text': '4000000000',
  'an empty text': '',
  'a list': [4_000_000_000],
  'a fraction': 4_000_000_000.5,
  'a negative number': -4_000_000_000,
  'a number beyond whole ones': 1e300,
};

const others: Record<string, Record<string, unknown>> = {
  'no partner': { partner_id: undefined },
  'a partner that is a text': { partner_id: '1' },
  'a partner that is a list': { partner_id: [1] },
  'a partner that is null': { partner_id: null },
  'no client': { client_id: undefined },
  'a client that is a list': { client_id: ['a'] },
  'no scope': { scope: undefined },
  'a scope that is a list': { scope: ['prepared-tickets:read'] },
  'no iat': { iat: undefined },
  'no sub': { sub: undefined },
  'no jti': { jti: undefined },
};

/** Tokens with wrong claims and a valid signature. */
export const claims: Record<string, Forge> = {
  ...each('of %s', others, withClaims),
  expired: forged((now) => ({ claims: { exp: now } })),
  'expired a second ago': forged((now) => ({ claims: { exp: now - 1 } })),
  'expired a day ago': forged((now) => ({ claims: { exp: now - 86_400 } })),
  'of no exp': withClaims({ exp: undefined }),
  ...each('of an exp that is %s', times, (exp) => withClaims({ exp })),
  'of an exp that is infinite': forged(() => ({
    rewritePayload: (json) => json.replace(/"exp":\d+/, '"exp":1e400'),
  })),
  'not yet valid': forged((now) => ({ claims: { nbf: now + 60 } })),
  'of an nbf that is a text': forged((now) => ({ claims: { nbf: String(now) } })),
  'of an nbf that is null': withClaims({ nbf: null }),
  'of no issuer': withClaims({ iss: undefined }),
  ...each('of an issuer that is %s', strangers, (iss) => withClaims({ iss })),
  'of a list of issuers': withClaims({ iss: [ISSUER] }),
  'of no audience': withClaims({ aud: undefined }),
  ...each('for an audience that is %s', strangers, (aud) => withClaims({ aud })),
  'for an audience that is an object': withClaims({ aud: { [ISSUER]: true } }),
  'for an empty list of audiences': withClaims({ aud: [] }),
  'for a list of other audiences': withClaims({ aud: ['https://other.test', `${ISSUER}/v2`] }),
  'for a list in a list of audiences': withClaims({ aud: [[ISSUER]] }),
};
