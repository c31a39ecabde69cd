import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { AppEnv } from '../context.ts';
import { operation } from '../http/operation.ts';
import { DOCS_POLICY, docsPage } from './docs-page.ts';
import { buildDocument } from './document.ts';

const CACHE = 'public, max-age=300';

const getDocument = operation({
  method: 'get',
  path: '/openapi.json',
  operationId: 'getDocument',
  access: 'public',
  internal: true,
  responses: {
    200: { description: 'This document, in JSON.' },
  },
});

const getDocs = operation({
  method: 'get',
  path: '/docs',
  operationId: 'getDocs',
  access: 'public',
  internal: true,
  responses: {
    200: { description: 'The docs page.', content: { 'text/html': { schema: z.string() } } },
  },
});

const getRoot = operation({
  method: 'get',
  path: '/',
  operationId: 'getRoot',
  access: 'public',
  internal: true,
  responses: { 302: { description: 'See /docs.' } },
});

/** Mounts the generated document and the page that renders it; mount it last. */
export function mountDocument(app: OpenAPIHono<AppEnv>): void {
  let document: string | undefined;
  app.openapi(getDocument, (c) => {
    document ??= JSON.stringify(buildDocument(app, c.var.config.issuer));
    return c.body(document, 200, { 'Content-Type': 'application/json', 'Cache-Control': CACHE });
  });
  app.openapi(getDocs, (c) =>
    c.html(docsPage, 200, { 'Cache-Control': CACHE, 'Content-Security-Policy': DOCS_POLICY }),
  );
  app.openapi(getRoot, (c) => c.redirect('/docs'));
}
