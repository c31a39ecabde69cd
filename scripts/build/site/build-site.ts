import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { failureOf, run } from '../../process/command.ts';
import { withFigures } from '../pictures/figure.ts';
import { PICTURE_FILES } from '../pictures/files.ts';
import { ORIGIN } from './addresses.ts';
import { headersFile } from './headers.ts';
import type { Site } from './pages.ts';
import { repositoryOf, sidebarOf, sourceOf } from './sources.ts';

/** The sources of the theme and the configuration of VitePress. */
const SOURCES = 'scripts/build/site/.vitepress';
/** The folder of built sites, each under the hash of its inputs. */
const CACHE = 'node_modules/.cache/docs-site';
/** The number of built sites that stay, for a developer who switches between branches. */
const MAX_CACHED_SITES = 4;
/** The address in an example of the document, which would make the local site differ from the deployed one. */
const EXAMPLE_ORIGIN = 'https://prepared-tickets.example.com';
/** The address of the icons. */
const ICONS = '/docs/vp-icons.css';
/** The files that VitePress writes outside of the folder of the site. */
const moved: Readonly<Record<string, string>> = {
  '404.html': 'docs/404.html',
  'vp-icons.css': ICONS,
};
/** The longest time that a build may take on a busy machine. */
const BUILD_TIMEOUT_MS = 180_000;

/** Returns a hash of everything that a built site depends on. */
function keyOf(files: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256');
  const sources = globSync([
    `${SOURCES}/**/*.{ts,js,css,vue}`,
    'scripts/build/{identity,pictures}/*.{css,ts}',
    PICTURE_FILES,
  ]).toSorted();
  const inputs = [
    'node_modules/beautiful-mermaid/package.json',
    'node_modules/vitepress/package.json',
    'scripts/build/site/build-site.ts',
    ...sources,
  ];
  for (const input of inputs) {
    hash.update(`${input}\0${readFileSync(input, 'utf8')}\0`);
  }
  hash.update(JSON.stringify(files));
  return hash.digest('hex').slice(0, 20);
}

/** Writes files into a folder, by their paths in it. */
export function writeAll(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** Moves a built site into the cache, unless another build of the same site was faster. */
function moveSite(site: string, target: string): void {
  try {
    renameSync(site, target);
  } catch (error) {
    if (!existsSync(target)) {
      throw error;
    }
  }
}

/**
 * Runs VitePress in a folder of its own, and moves the result into the cache. Several builds can run at the same
 * time.
 *
 * @throws Error with the output of VitePress if the build fails.
 */
async function build(files: Readonly<Record<string, string>>, target: string): Promise<void> {
  const folder = resolve(CACHE, `.${process.pid}-${Date.now()}`);
  try {
    const sources = Object.entries(files).map(([name, text]) => [name, withFigures(text)]);
    writeAll(folder, Object.fromEntries(sources));
    const vitepress = ['node_modules/vitepress/bin/vitepress.js', 'build', dirname(SOURCES)];
    const end = await run(process.execPath, vitepress, {
      environment: { DOCS_BUILD: folder, NODE_ENV: 'production' },
      timeout: BUILD_TIMEOUT_MS,
    });
    for (const fault of failureOf('The build of the docs site', end)) {
      throw new Error(fault);
    }
    // Another build can remove one meanwhile.
    const builtAt = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const newestFirst = readdirSync(CACHE)
      .filter((name) => !name.startsWith('.'))
      .map((name) => join(CACHE, name))
      .toSorted((a, b) => builtAt(b) - builtAt(a));
    for (const old of newestFirst.slice(MAX_CACHED_SITES - 1)) {
      rmSync(old, { recursive: true, force: true });
    }
    moveSite(join(folder, 'site'), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns the sources of VitePress by their paths. They are the same for each address of the API. */
function sourcesOf(site: Site, issuer: string): Readonly<Record<string, string>> {
  const repository = repositoryOf(readFileSync('package.json', 'utf8'));
  const pages = site.pages.map((page) => {
    const text = sourceOf(page, repository)
      .replaceAll(issuer, ORIGIN)
      .replaceAll(EXAMPLE_ORIGIN, ORIGIN);
    return [`pages${page.path}.md`, text] as const;
  });
  return {
    ...Object.fromEntries(pages),
    'about.json': JSON.stringify(site.about),
    'sidebar.json': JSON.stringify(site.sections.map(sidebarOf)),
  };
}

/** Returns whether VitePress has already built exactly this site, so that `writeSite` only copies it. */
export function isBuilt(site: Site, issuer: string): boolean {
  return existsSync(join(CACHE, keyOf(sourcesOf(site, issuer))));
}

/** Builds the site if that was not done yet, and returns the folder of the cache that contains it. */
export async function buildSite(site: Site, issuer: string): Promise<string> {
  const files = sourcesOf(site, issuer);
  const built = join(CACHE, keyOf(files));
  if (!existsSync(built)) {
    await build(files, built);
  }
  return built;
}

/** Writes pages that say that the docs site is being built, and that load again until `writeSite` replaces them. */
export function writeWaitingPages(directory: string): void {
  const page = `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <meta http-equiv="refresh" content="2">
  <title>The docs site is being built</title>
  <p>The docs site is being built. This page loads again until it is there. The API answers already.</p>
</html>
`;
  writeAll(directory, { 'docs.html': page, [moved['404.html'] as string]: page });
}

/**
 * Writes the docs site into the assets of the Worker. VitePress runs only if the pages or the theme have changed
 * since its last run.
 *
 * @param directory the directory of the assets.
 * @param issuer the base URL of this deployment, without a trailing slash.
 * @param head what is added to the head of each page.
 */
export async function writeSite(
  directory: string,
  site: Site,
  issuer: string,
  head: string,
): Promise<void> {
  const built = await buildSite(site, issuer);
  const texts = '{404.html,docs.html,docs/**/*.{html,js},sitemap.xml,vp-icons.css}';
  for (const name of globSync(texts, { cwd: built })) {
    const text = readFileSync(join(built, name), 'utf8').replaceAll(ORIGIN, issuer);
    const page = text.replaceAll('/vp-icons.css', ICONS).replace('</head>', `${head}</head>`);
    writeAll(directory, { [moved[name] ?? name]: page });
  }
  for (const name of globSync('docs/assets/**/*.{css,woff2,svg}', { cwd: built })) {
    cpSync(join(built, name), join(directory, name));
  }
  writeAll(directory, {
    _headers: await headersFile(readFileSync(join(directory, 'docs.html'), 'utf8')),
  });
}
