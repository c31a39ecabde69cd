import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../context.ts';
import { operation } from '../http/operation.ts';
import { publishedFile } from '../http/responses/published.ts';
import { CATALOG_LINK, SERVICE_LINKS } from '../http/responses/service-links.ts';

/** A static asset that the Worker serves under a path. */
interface ServedFile {
  /** The path of the file within the assets. */
  readonly file: string;
  readonly operationId: string;
  /** The value of Content-Type. */
  readonly type: string;
}

/** The formats of the document, by path. The build writes the files. */
const served = {
  '/openapi.json': {
    file: '/openapi.json',
    operationId: 'getDocument',
    type: 'application/json',
  },
  '/openapi.yaml': {
    file: '/openapi.yaml',
    operationId: 'getDocumentInYaml',
    // The media type is registered by RFC 9512.
    type: 'application/yaml',
  },
  '/docs.md': {
    file: '/docs.md',
    operationId: 'getDocumentInMarkdown',
    type: 'text/markdown; charset=UTF-8',
  },
  '/llms.txt': {
    file: '/llms.txt',
    operationId: 'getLlmsText',
    type: 'text/plain; charset=UTF-8',
  },
  '/llms-full.txt': {
    file: '/llms-full.txt',
    operationId: 'getCompleteDocs',
    type: 'text/plain; charset=UTF-8',
  },
  '/postman.json': {
    file: '/postman.json',
    operationId: 'getPostmanCollection',
    type: 'application/json',
  },
} as const satisfies Record<string, ServedFile>;

/** The paths of the static assets that the Worker serves. */
export type AssetFile = (typeof served)[keyof typeof served]['file'];

const page = (path: string, operationId: string, status: 200 | 302, description: string) =>
  operation({
    method: 'get',
    path,
    operationId,
    access: 'public',
    internal: true,
    responses: { [status]: { description } },
  });

/**
 * Mounts the formats of the document. They need neither configuration nor database. The docs site does not pass
 * through the Worker: `run_worker_first` of wrangler.toml excludes it.
 */
export function mountDocument(app: OpenAPIHono<AppEnv>): void {
  for (const [path, { file, operationId, type }] of Object.entries<ServedFile>(served)) {
    app.openapi(
      page(path, operationId, 200, `The document in ${type}.`),
      publishedFile(file, type),
    );
  }
  app.openapi(page('/', 'getRoot', 302, 'A redirect to the docs site.'), (c) => {
    c.header('Link', `${SERVICE_LINKS}, ${CATALOG_LINK}`);
    return c.redirect('/docs');
  });
}
