import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApp } from '../../src/app.ts';
import type { Dependencies } from '../../src/context.ts';
import type { Deployment } from '../../src/openapi/document.ts';
import type { AssetFile } from '../../src/openapi/index.ts';
import { docsPage } from './docs-page.ts';
import { buildDocumentWithSamples } from './document.ts';
import { toLlmsText } from './forms/llms.ts';
import { toMarkdown } from './forms/markdown.ts';
import { toPostman } from './forms/postman/index.ts';
import { toYaml } from './forms/yaml.ts';

/** The static assets of the demo portal, beside its pages. */
const PORTAL_FILES = ['portal.css', 'live-events.js'];
const SCALAR = 'node_modules/@scalar/api-reference/dist/browser/standalone.js';

/** The app handles no request here, because the build only reads the declarations of its routes. */
const unusedDependencies: Dependencies = {
  now: () => 0,
  newId: () => '',
  fetch: async (url) => {
    throw new Error(`The build must not fetch ${url}.`);
  },
  background() {},
  async wakeEndpoint() {},
};

/**
 * Writes every static asset of the Worker: the document in all formats, the docs page and its scripts.
 * Scalar is copied from its package, so that the page loads nothing from other hosts.
 *
 * @param directory the directory of the assets, which is created if it does not exist.
 * @param deployment the base URL and the support contact in the document.
 */
export async function writeAssets(directory: string, deployment: Deployment): Promise<void> {
  const { issuer } = deployment;
  const { document, samples } = buildDocumentWithSamples(createApp(unusedDependencies), deployment);
  const files: Record<AssetFile | '/docs/samples.json', string> = {
    '/openapi.json': JSON.stringify(document),
    '/openapi.yaml': toYaml(document),
    '/docs.md': toMarkdown(document),
    '/llms.txt': toLlmsText(document, issuer),
    '/postman.json': JSON.stringify(toPostman(document, issuer), null, 2),
    '/docs.html': String(await docsPage),
    '/docs/samples.json': JSON.stringify(samples),
  };
  mkdirSync(join(directory, 'docs'), { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    writeFileSync(join(directory, file), text);
  }
  copyFileSync(SCALAR, join(directory, 'docs/scalar.js'));
  copyFileSync('scripts/build/docs-page.browser.js', join(directory, 'docs/start.js'));
  mkdirSync(join(directory, 'portal'), { recursive: true });
  for (const file of PORTAL_FILES) {
    copyFileSync(join('src/resources/portal', file), join(directory, 'portal', file));
  }
}
