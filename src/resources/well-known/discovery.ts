import { scopes } from '../../auth/scopes.ts';
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

/**
 * Returns the API catalog (RFC 9727) as a link set (RFC 9264). It links the API to its documents, its
 * metadata and its health endpoint.
 */
export function apiCatalog(origin: string): object {
  const api = `${origin}/v2`;
  return {
    linkset: [
      { anchor: `${origin}/.well-known/api-catalog`, item: [{ href: api }] },
      {
        anchor: api,
        'service-desc': [
          { href: `${origin}/openapi.json`, type: 'application/json' },
          { href: `${origin}/openapi.yaml`, type: 'application/yaml' },
        ],
        'service-doc': [
          { href: `${origin}/docs`, type: 'text/html' },
          { href: `${origin}/docs.md`, type: 'text/markdown' },
        ],
        'service-meta': [
          { href: `${origin}/.well-known/oauth-protected-resource`, type: 'application/json' },
          { href: `${origin}/.well-known/oauth-authorization-server`, type: 'application/json' },
        ],
        status: [{ href: `${origin}/health`, type: 'application/health+json' }],
      },
    ],
  };
}

/** Returns the metadata of the protected resource (RFC 9728 §2). Its `resource` is the audience of access tokens. */
export function protectedResource(origin: string): object {
  return {
    resource: origin,
    authorization_servers: [origin],
    scopes_supported: Object.keys(scopes),
    bearer_methods_supported: ['header'],
    resource_name: 'Prepared tickets',
    resource_documentation: `${origin}/docs`,
  };
}
