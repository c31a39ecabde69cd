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

const SCALAR = 'node_modules/@scalar/api-reference/dist/browser/standalone.js';

/** The app answers nothing here: the build only reads what its routes declare. */
const noWorld: Dependencies = {
  now: () => 0,
  newId: () => '',
  fetch: async (url) => {
    throw new Error(`the build asked ${url}`);
  },
  background() {},
};

/**
 * Writes every static asset of the Worker: the document in all its forms, the docs page and its
 * scripts. Scalar is copied from its package, so that the page asks no other host for anything.
 *
 * @param directory is created if it is missing.
 * @param deployment the address and the contact that the document names.
 */
export async function writeAssets(directory: string, deployment: Deployment): Promise<void> {
  const { issuer } = deployment;
  const { document, samples } = buildDocumentWithSamples(createApp(noWorld), deployment);
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
}
