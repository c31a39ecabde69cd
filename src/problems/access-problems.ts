import type { ProblemDefinition } from './definition.ts';

/** The problems of requests whose credentials are missing, invalid or insufficient. */
export const accessProblems = {
  credentialsMissing: {
    status: 401,
    type: '/problems/credentials-missing',
    title: 'Credentials missing',
    detail: 'A credential is missing. Send both an access token and an API key.',
    causes: {
      tokenMissing:
        'The access token is missing. Send it in the Authorization header, after the word Bearer.',
      keyMissing: 'The API key is missing. Send your key in the header x-api-key.',
    },
    meaning:
      'The request lacks the access token or the API key, or its Authorization header uses a scheme other than Bearer.',
    remedy: 'Send "Authorization: Bearer <access token>" and "x-api-key: <key>".',
  },
  tokenExpired: {
    status: 401,
    type: '/problems/token-expired',
    title: 'Access token expired',
    detail: 'The access token has expired. Get a new one from /oauth2/token.',
    meaning: 'The access token has expired, and nothing else is wrong with it.',
    remedy:
      'Get a new token from the token endpoint that issued this one, and send the request again with it.',
  },
  tokenInvalid: {
    status: 401,
    type: '/problems/token-invalid',
    title: 'Access token invalid',
    detail: 'The access token is not valid. Get a new one from /oauth2/token.',
    meaning:
      'The access token is malformed, was not issued for this API, or belongs to a client that was deleted or disabled after the token was issued.',
    remedy:
      'Get a new token from /oauth2/token and send it unchanged. If /oauth2/token returns an error, that error explains why.',
  },
  apiKeyInvalid: {
    status: 401,
    type: '/problems/api-key-invalid',
    title: 'API key invalid',
    detail: 'The API key is not valid. Send a valid key in the header x-api-key.',
    meaning: 'The API key is malformed, unknown, disabled or expired.',
    remedy: 'Send a valid key in the header x-api-key. A new access token does not help.',
  },
  scopeMissing: {
    status: 403,
    type: '/problems/scope-missing',
    title: 'Scope missing',
    detail:
      'The access token lacks the scope that this operation requires. Request a token with that scope.',
    meaning: 'The access token lacks the scope that the operation requires.',
    remedy:
      'Request a token with the scope that WWW-Authenticate names. If /oauth2/token returns invalid_scope, your client does not have that scope.',
  },
  partnerMismatch: {
    status: 403,
    type: '/problems/partner-mismatch',
    title: 'Partner mismatch',
    detail:
      'The access token and the API key belong to different partners. Send two credentials of the same partner.',
    meaning:
      'The access token and the API key are both valid, but they belong to different partners.',
    remedy: 'Use a client and an API key of the same partner.',
  },
  wrongSignature: {
    status: 403,
    type: '/problems/wrong-signature',
    title: 'Wrong signature',
    detail:
      'The signature is missing, or it does not match the raw body and the named key. Sign the body that you send.',
    meaning:
      "A leaked-secret report is accepted only if its signature matches the raw request body and was made with one of the scanner's published keys. Nothing was saved.",
    remedy:
      'Sign the raw request body, and name the key in Github-Public-Key-Identifier. To revoke a secret of your own, disable its client or API key, or rotate it.',
    isInternal: true,
  },
} as const satisfies Record<string, ProblemDefinition>;
