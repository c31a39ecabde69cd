import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { scopes } from '../../auth/scopes.ts';
import { publicKey } from '../../auth/signing-keys.ts';
import type { AppEnv } from '../../context.ts';
import { WITHOUT_NUL } from '../../http/fields/text.ts';
import { json, operation } from '../../http/operation.ts';
import { MAX_URL_BYTES } from '../../http/responses/header-components.ts';
import { published } from '../../http/responses/published.ts';
import { reply } from '../../http/responses/reply.ts';
import { CATALOG_LINK } from '../../http/responses/service-links.ts';
import { openString } from '../../open-string.ts';
import { apiCatalog, getApiCatalog, getProtectedResource, protectedResource } from './discovery.ts';

const tags = ['Access tokens'];
/** A token of the OAuth specifications: printable ASCII without spaces, quotes and backslashes. */
const word = z.string().openapi({ pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]+$', maxLength: 100 });
const names = (description: string) => z.array(word).openapi({ description, maxItems: 100 });
const address = (description: string) =>
  z.string().openapi({ format: 'uri', maxLength: MAX_URL_BYTES, description });
const coordinate = (name: string) =>
  z.string().openapi({
    pattern: '^[A-Za-z0-9_-]{43}$',
    minLength: 43,
    maxLength: 43,
    description: `The ${name} coordinate, in base64url.`,
  });

const jwk = z
  .object({
    kty: openString(
      ['EC'],
      'The key type, at present `EC`. Ignore keys of a type that you do not know.',
    ),
    crv: openString(['P-256'], 'The curve of the key, at present `P-256`.').optional(),
    kid: z.string().openapi({
      pattern: WITHOUT_NUL,
      minLength: 1,
      maxLength: 128,
      description: 'The identifier of the key, which tokens name in their header.',
    }),
    x: coordinate('x').optional(),
    y: coordinate('y').optional(),
    alg: openString(['ES256'], 'The signature algorithm, at present `ES256`.'),
    use: openString(['sig'], 'The use of the key: with `sig`, it verifies signatures.'),
  })
  .openapi('JsonWebKey', { description: 'A public key (RFC 7517).' });

const keySet = z
  .object({
    keys: z.array(jwk).openapi({ description: 'The public keys.', minItems: 1, maxItems: 100 }),
  })
  .openapi('JsonWebKeySet', {
    description: 'The public keys that verify access tokens (RFC 7517 §5).',
  });

const metadata = z
  .object({
    issuer: address('The issuer of the access tokens.'),
    token_endpoint: address('The URL of the token endpoint.'),
    jwks_uri: address('The URL of the public keys that verify access tokens.'),
    service_documentation: address('The URL of the documentation.'),
    scopes_supported: names('The scopes that a token can have.'),
    response_types_supported: names('Always empty, because there is no authorization endpoint.'),
    grant_types_supported: names('The grant types that the token endpoint supports.'),
    token_endpoint_auth_methods_supported: names(
      'The methods by which a client can authenticate at the token endpoint.',
    ),
  })
  .openapi('AuthorizationServerMetadata', {
    description: 'The metadata of the authorization server (RFC 8414).',
  });

const getJwks = operation({
  method: 'get',
  path: '/.well-known/jwks.json',
  operationId: 'getJwks',
  access: 'public',
  tags,
  summary: 'Retrieve the signing keys',
  description: 'Retrieve the public keys that verify access tokens.',
  problems: ['methodNotAllowed', 'internalServerError', 'serviceUnavailable'],
  responses: {
    200: json(
      'The public keys. The first one belongs to the key that currently signs tokens.',
      keySet,
      {
        example: {
          keys: [
            {
              kty: 'EC' as const,
              crv: 'P-256' as const,
              kid: 'AKG9zuE9kQ7vJkLs5Fv2m3u9xLZ4T0lJ9bTq3gJ0m2s',
              x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
              y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
              alg: 'ES256' as const,
              use: 'sig' as const,
            },
            {
              kty: 'EC' as const,
              crv: 'P-256' as const,
              kid: 'b3XyDz0G6mV8h1pQkT5rWnLcAo2JfEsUi9RvYx4MdHg',
              x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
              y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
              alg: 'ES256' as const,
              use: 'sig' as const,
            },
          ],
        },
      },
    ),
  },
});

/** Returns the metadata of the authorization server. */
const metadataOf = (issuer: string) => ({
  issuer,
  token_endpoint: `${issuer}/oauth2/token`,
  jwks_uri: `${issuer}/.well-known/jwks.json`,
  service_documentation: `${issuer}/docs`,
  scopes_supported: Object.keys(scopes),
  response_types_supported: [],
  grant_types_supported: ['client_credentials'],
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
});

const getAuthorizationServer = operation({
  method: 'get',
  path: '/.well-known/oauth-authorization-server',
  operationId: 'getAuthorizationServer',
  access: 'public',
  tags,
  summary: 'Retrieve the authorization server metadata',
  description:
    'Retrieve the metadata of the authorization server, which describes how to get access tokens (RFC 8414).',
  problems: ['methodNotAllowed', 'internalServerError', 'serviceUnavailable'],
  responses: {
    200: json('The metadata of the authorization server.', metadata, {
      example: metadataOf('https://prepared-tickets.example.com'),
    }),
  },
});

/**
 * The `Cache-Control` of the key set and of the metadata. A key must be published for longer than these
 * 300 seconds before it signs, and after it stops; docs/operating.md describes the rotation.
 */
const CACHE_CONTROL = 'public, max-age=300';

/** Mounts the operations under `/.well-known` (RFC 8615). */
export function mountWellKnown(app: OpenAPIHono<AppEnv>): void {
  app.openapi(getJwks, (c) => {
    const keys = c.var.config.signingKeys.keys.map(publicKey);
    return reply(c, getJwks, 200, { keys }, { headers: { 'Cache-Control': CACHE_CONTROL } });
  });
  app.openapi(getAuthorizationServer, (c) => {
    const body = metadataOf(c.var.config.issuer);
    return reply(c, getAuthorizationServer, 200, body, {
      headers: { 'Cache-Control': CACHE_CONTROL },
    });
  });
  app.openapi(
    getApiCatalog,
    published(
      'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"',
      ({ issuer }) => JSON.stringify(apiCatalog(issuer)),
      { Link: CATALOG_LINK },
    ),
  );
  app.openapi(
    getProtectedResource,
    published('application/json', ({ issuer }) => JSON.stringify(protectedResource(issuer))),
  );
}
