import type { OpenAPIHono } from '@hono/zod-openapi';
import { scopes } from '../../auth/scopes.ts';
import { publicKey } from '../../auth/signing-keys.ts';
import type { AppEnv } from '../../context.ts';
import { published } from '../../http/responses/published.ts';
import { reply } from '../../http/responses/reply.ts';
import { CATALOG_LINK } from '../../http/responses/service-links.ts';
import * as discovery from './discovery.routes.ts';
import { apiCatalog, protectedResource } from './discovery.ts';
import * as routes from './well-known.routes.ts';

/**
 * The `Cache-Control` of the key set and of the metadata. A key must be published for longer than these
 * 300 seconds before it signs, and after it stops; docs/operating.md describes the rotation.
 */
const CACHE_CONTROL = 'public, max-age=300';

/** Mounts the operations under `/.well-known` (RFC 8615). */
export function mountWellKnown(app: OpenAPIHono<AppEnv>): void {
  app.openapi(routes.getJwks, (c) => {
    const keys = c.var.config.signingKeys.keys.map(publicKey);
    return reply(c, routes.getJwks, 200, { keys }, { headers: { 'Cache-Control': CACHE_CONTROL } });
  });
  app.openapi(routes.getAuthorizationServer, (c) => {
    const { issuer } = c.var.config;
    const metadata = {
      issuer,
      token_endpoint: `${issuer}/oauth2/token`,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      service_documentation: `${issuer}/docs`,
      scopes_supported: Object.keys(scopes),
      response_types_supported: [],
      grant_types_supported: ['client_credentials'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    };
    return reply(c, routes.getAuthorizationServer, 200, metadata, {
      headers: {
        'Cache-Control': CACHE_CONTROL,
      },
    });
  });
  app.openapi(
    discovery.getApiCatalog,
    published(
      'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"',
      ({ issuer }) => JSON.stringify(apiCatalog(issuer)),
      { Link: CATALOG_LINK },
    ),
  );
  app.openapi(
    discovery.getProtectedResource,
    published('application/json', ({ issuer }) => JSON.stringify(protectedResource(issuer))),
  );
}
