import type { OpenAPIHono } from '@hono/zod-openapi';
import { scopes } from '../auth/scopes.ts';
import type { AppEnv } from '../context.ts';
import { parameterComponents } from '../http/requests/shared-parameters.ts';
import { headerComponents } from '../http/responses/header-components.ts';
import { withSupport } from '../problems/support.ts';
import { withDeliverable } from '../resources/system/webhook-endpoints/url.ts';
import { registerWebhooks } from '../resources/system/webhook-endpoints/webhooks.ts';
import { shareComponents } from './components.ts';

export type OpenAPIDocument = ReturnType<OpenAPIHono<AppEnv>['getOpenAPI31Document']>;

/** The version of the API, which is that of the newest release in CHANGELOG.md. That of the code is in package.json. */
const VERSION = '2.0.0';

/** The licence of the API. Its text is not published, so it has no URL. */
const license = { name: 'Proprietary', identifier: 'LicenseRef-Proprietary' };

function registerSecurity(app: OpenAPIHono<AppEnv>, origin: string): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'OAuth2', {
    type: 'oauth2',
    description:
      'An access token of one of your clients: a JWT that is valid for one hour and is issued and validated as RFC8725 requires.',
    flows: { clientCredentials: { tokenUrl: `${origin}/oauth2/token`, scopes } },
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'ApiKey', {
    type: 'apiKey',
    in: 'header',
    name: 'x-api-key',
    description: 'An API key of your organisation.',
  });
}

function registerComponents(app: OpenAPIHono<AppEnv>): void {
  for (const [name, header] of Object.entries(headerComponents)) {
    app.openAPIRegistry.registerComponent('headers', name, header);
  }
  for (const [name, parameter] of Object.entries(parameterComponents)) {
    app.openAPIRegistry.registerComponent('parameters', name, parameter);
  }
}

/** Returns the document without its internal operations. */
function withoutInternal(document: OpenAPIDocument): OpenAPIDocument {
  const paths = Object.entries(document.paths ?? {}).filter(([, item]) =>
    Object.values(item).some((operation) => operation?.['x-internal'] !== true),
  );
  return { ...document, paths: Object.fromEntries(paths) };
}

/** The properties of a deployment that its document contains. */
export interface Deployment {
  /** The origin of the deployment, which examples use so that partners can copy them. */
  readonly issuer: string;
  /** An e-mail address or an HTTPS URL. */
  readonly supportContact?: string | undefined;
}

/** The guides as the document contains them, in Markdown. */
export interface DocumentTexts {
  /** The description of the whole API, with a section for each guide. */
  readonly description: string;
  /** The groups of operations, in their order. */
  readonly tags: readonly { readonly name: string; readonly description: string }[];
}

/** Returns the support contact. It has no link if the deployment has no support address. */
function contactOf(support: string | undefined) {
  const address = support?.startsWith('https:') ? { url: support } : { email: support };
  return { name: 'Support', ...(support !== undefined && address) };
}

/**
 * Builds the OpenAPI 3.1 document from the mounted routes. Only the build calls it, never the Worker.
 *
 * @param deployment the deployment that the document is for.
 * @param texts the guides. The Worker does not contain them, so the build reads them from `docs/guides`.
 * @returns a new document, which the caller may change.
 */
export function buildDocument(
  app: OpenAPIHono<AppEnv>,
  { issuer: origin, supportContact }: Deployment,
  { description, tags }: DocumentTexts,
): OpenAPIDocument {
  registerSecurity(app, origin);
  registerComponents(app);
  registerWebhooks(app, origin);
  const generated = withoutInternal(
    app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'Prepared tickets',
        version: VERSION,
        description,
        contact: contactOf(supportContact),
        license,
      },
      servers: [
        {
          url: origin,
          description:
            'The API that you got this document from, in production or on a local machine.',
          'x-internal': false,
        },
      ],
      tags: [...tags],
    }),
  );
  const document: OpenAPIDocument = JSON.parse(
    withDeliverable(withSupport(JSON.stringify(generated), supportContact), origin),
  );
  shareComponents(document);
  return document;
}
