import type { OpenAPIHono } from '@hono/zod-openapi';
import { scopes } from '../auth/scopes.ts';
import type { AppEnv } from '../context.ts';

export type OpenAPIDocument = ReturnType<OpenAPIHono<AppEnv>['getOpenAPI31Document']>;

const description = `Prepare tickets for your customers from your own system: VIN, vehicle model, voucher code, your reference, and product lines (the services). The customer finds the ticket in the Customer Portal and picks it up with one click.

Each request carries two credentials: an access token from \`/oauth2/token\` in \`Authorization: Bearer\`, and your API key in \`x-api-key\`. You see your own tickets only; another partner's ticket answers like one that never existed.

Every error is \`application/problem+json\` (RFC 9457); [each kind has its page](/problems).`;

const tags = [
  {
    name: 'Prepared tickets',
    description: 'Pre-filled tickets for customers to pick up in the Customer Portal.',
  },
  { name: 'Product lines', description: 'The services to perform within a ticket.' },
  { name: 'Access tokens', description: 'OAuth 2.0 client credentials.' },
  { name: 'Health', description: 'The state of the service.' },
];

function registerSecurity(app: OpenAPIHono<AppEnv>): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'OAuth2', {
    type: 'oauth2',
    description: 'An access token of one of your clients, valid for an hour.',
    flows: { clientCredentials: { tokenUrl: '/oauth2/token', scopes } },
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'ApiKey', {
    type: 'apiKey',
    in: 'header',
    name: 'x-api-key',
    description: 'The API key of your organisation.',
  });
}

/** Leaves out the pages for people: they are no part of what a program can call. */
function withoutInternal(document: OpenAPIDocument): OpenAPIDocument {
  const paths = Object.entries(document.paths ?? {}).filter(([, item]) =>
    Object.values(item).some((operation) => operation?.['x-internal'] !== true),
  );
  return { ...document, paths: Object.fromEntries(paths) };
}

/** Builds the OpenAPI 3.1 document from the mounted routes. Slow enough to be done once per isolate. */
export function buildDocument(app: OpenAPIHono<AppEnv>): OpenAPIDocument {
  registerSecurity(app);
  return withoutInternal(
    app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'Prepared tickets',
        version: '2.0.0',
        description,
        license: { name: 'Proprietary', url: '/docs' },
      },
      servers: [{ url: '/', description: 'This deployment.' }],
      tags,
    }),
  );
}
