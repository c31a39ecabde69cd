import { operation } from '../../http/operation.ts';

/** The path of the API catalog (RFC 9727 §2). */
const API_CATALOG = '/.well-known/api-catalog';
/** The path of the protected resource metadata (RFC 9728 §3). */
const PROTECTED_RESOURCE = '/.well-known/oauth-protected-resource';

export const getApiCatalog = operation({
  method: 'get',
  path: API_CATALOG,
  operationId: 'getApiCatalog',
  access: 'public',
  internal: true,
  responses: {
    200: {
      description:
        'The API catalog: links to the API, its documentation and its health (RFC 9727).',
    },
  },
});

export const getProtectedResource = operation({
  method: 'get',
  path: PROTECTED_RESOURCE,
  operationId: 'getProtectedResource',
  access: 'public',
  internal: true,
  responses: {
    200: {
      description:
        'The protected resource metadata, which names the authorization server (RFC 9728).',
    },
  },
});
