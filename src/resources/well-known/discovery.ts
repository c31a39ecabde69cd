import { scopes } from '../../auth/scopes.ts';

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
