import type { OpenAPIHono } from '@hono/zod-openapi';
import { oncePerConfig } from '../config.ts';
import type { AppEnv } from '../context.ts';
import { operation } from '../http/operation.ts';
import { published } from '../http/responses/published.ts';
import { CATALOG_LINK, SERVICE_LINKS } from '../http/responses/service-links.ts';
import { DOCS_POLICY, docsPage } from './docs-page.ts';
import { buildDocument, type OpenAPIDocument } from './document.ts';
import { toLlmsText } from './llms.ts';
import { toMarkdown } from './markdown.ts';
import { toPostman } from './postman/index.ts';
import { toYaml } from './yaml.ts';

/** The forms in which the document is served, by path. */
const forms: Record<
  string,
  {
    readonly operationId: string;
    readonly type: string;
    readonly write: (document: OpenAPIDocument, origin: string) => string;
  }
> = {
  '/openapi.json': {
    operationId: 'getDocument',
    type: 'application/json',
    write: (document) => JSON.stringify(document),
  },
  '/openapi.yaml': {
    operationId: 'getDocumentInYaml',
    // RFC 9512.
    type: 'application/yaml',
    write: toYaml,
  },
  '/docs.md': {
    operationId: 'getDocumentInMarkdown',
    type: 'text/markdown; charset=UTF-8',
    write: toMarkdown,
  },
  '/llms.txt': {
    operationId: 'getLlmsText',
    type: 'text/plain; charset=UTF-8',
    write: toLlmsText,
  },
  '/postman.json': {
    operationId: 'getPostmanCollection',
    type: 'application/json',
    write: (document, origin) => JSON.stringify(toPostman(document, origin), null, 2),
  },
};

const page = (path: string, operationId: string, status: 200 | 302, description: string) =>
  operation({
    method: 'get',
    path,
    operationId,
    access: 'public',
    internal: true,
    responses: { [status]: { description } },
  });

/** Mounts the generated document in all its forms and the page that renders it; mount it last. */
export function mountDocument(app: OpenAPIHono<AppEnv>): void {
  const documentOf = oncePerConfig((config) => buildDocument(app, config));
  for (const [path, { operationId, type, write }] of Object.entries(forms)) {
    app.openapi(
      page(path, operationId, 200, `The document in ${type}.`),
      published(type, (config) => write(documentOf(config), config.issuer)),
    );
  }
  app.openapi(
    page('/docs', 'getDocs', 200, 'The docs page.'),
    published('text/html; charset=UTF-8', async () => String(await docsPage), {
      'Content-Security-Policy': DOCS_POLICY,
      Link: SERVICE_LINKS,
    }),
  );
  app.openapi(page('/', 'getRoot', 302, 'See /docs.'), (c) => {
    c.header('Link', `${SERVICE_LINKS}, ${CATALOG_LINK}`);
    return c.redirect('/docs');
  });
}
