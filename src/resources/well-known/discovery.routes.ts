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
  responses: { 200: { description: 'What is at this address, as a set of links (RFC 9727).' } },
});

export const getProtectedResource = operation({
  method: 'get',
  path: PROTECTED_RESOURCE,
  operationId: 'getProtectedResource',
  access: 'public',
  internal: true,
  responses: { 200: { description: 'Where tokens for this resource come from (RFC 9728).' } },
});
