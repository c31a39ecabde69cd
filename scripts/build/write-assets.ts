import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createApp } from '../../src/app.ts';
import type { Dependencies } from '../../src/context.ts';
import type { Deployment } from '../../src/openapi/document.ts';
import type { AssetFile } from '../../src/openapi/index.ts';
import { buildDocumentWithSamples } from './document.ts';
import { toPostman } from './forms/postman/index.ts';
import { toYaml } from './forms/yaml.ts';
import { readGuides } from './guides/files.ts';
import { buildSite, isBuilt, writeAll, writeSite, writeWaitingPages } from './site/build-site.ts';
import { changelogFeed, releasesOf } from './site/changelog.ts';
import { completeMarkdown, markdownFiles, toLlmsText } from './site/for-agents.ts';
import { docsSite } from './site/pages.ts';
import { requestForms } from './site/reference/request-form.ts';

/** The mark, and what the style sheets of the docs site and of the demo of the portal have in common. */
const IDENTITY = 'scripts/build/identity';

/**
 * When the docs site is written: together with the other assets; together with them if VitePress does not have to
 * run for it, and otherwise later; or never, because the tests do not need it.
 */
export type SiteTime = 'now' | 'now if built' | 'never';

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

/** Builds the document and the pages of the docs site from it. */
function buildTexts(deployment: Deployment) {
  const built = buildDocumentWithSamples(createApp(unusedDependencies), deployment, readGuides());
  const releases = releasesOf(readFileSync('CHANGELOG.md', 'utf8'));
  return { ...built, releases, site: docsSite(built, deployment, releases) };
}

/**
 * Writes every static asset of the Worker: the document in all formats, and the docs site with the forms of its
 * operations.
 *
 * @param directory the directory of the assets, which is created if it does not exist.
 * @param deployment the base URL and the support contact in the document.
 * @param html when to write the pages of the docs site in HTML, which can take many seconds.
 * @param head what is added to the head of each page; nothing in a deployment.
 * @returns whether the docs site is missing. `buildDocsSite` builds it for the next time.
 */
export async function writeAssets(
  directory: string,
  deployment: Deployment,
  { html, head = '' }: { readonly html: SiteTime; readonly head?: string },
): Promise<{ readonly lacksSite: boolean }> {
  const { issuer } = deployment;
  const { document, releases, site } = buildTexts(deployment);
  const complete = completeMarkdown(site);
  const list = toLlmsText(document, site, issuer);
  const files: Record<AssetFile, string> & Record<string, string> = {
    '/openapi.json': JSON.stringify(document),
    '/openapi.yaml': toYaml(document),
    '/docs.md': complete,
    '/llms-full.txt': complete,
    '/llms.txt': list,
    '/docs/index.md': list,
    '/postman.json': JSON.stringify(toPostman(document, issuer), null, 2),
    '/docs/changelog.atom': changelogFeed(releases, issuer),
    ...requestForms(document),
    ...markdownFiles(site),
  };
  // Pages that no longer exist must not be deployed.
  rmSync(join(directory, 'docs'), { recursive: true, force: true });
  writeAll(directory, files);
  for (const file of ['identity.css', 'mark.svg']) {
    cpSync(join(IDENTITY, file), join(directory, 'docs', file));
  }
  const lacksSite = html === 'now if built' && !isBuilt(site, issuer);
  if (lacksSite) {
    writeWaitingPages(directory);
  } else if (html !== 'never') {
    await writeSite(directory, site, issuer, head);
  }
  return { lacksSite };
}

/** Builds the docs site, so that the next `writeAssets` only copies it. */
export async function buildDocsSite(deployment: Deployment): Promise<void> {
  await buildSite(buildTexts(deployment).site, deployment.issuer);
}
