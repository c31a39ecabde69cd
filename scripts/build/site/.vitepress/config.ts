import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type MarkdownRenderer } from 'vitepress';

/** The folder of one build, which `scripts/build/site/build-site.ts` creates. */
const folder = process.env.DOCS_BUILD as string;

/** Highlights each text once. The same problems are examples of many operations. */
function rememberHighlights({ options }: MarkdownRenderer): void {
  const { highlight } = options;
  const known = new Map<string, string>();
  options.highlight = (code, language, attributes) => {
    const key = JSON.stringify([code, language, attributes]);
    const html = known.get(key) ?? highlight?.(code, language, attributes) ?? '';
    known.set(key, html);
    return html;
  };
}

/**
 * The docs site. Its pages are written by `scripts/build/site/build-site.ts`. No page loads anything from another
 * host, and no script is inline except for two that VitePress has in the head of each page.
 */
export default defineConfig({
  lang: 'en',
  title: 'Prepared tickets API',
  description:
    'Guides and reference of the API with which partners prepare tickets for their customers.',
  titleTemplate: ':title · Prepared tickets API',
  srcDir: join(folder, 'pages'),
  outDir: join(folder, 'site'),
  cacheDir: join(folder, 'cache'),
  assetsDir: 'docs/assets',
  cleanUrls: true,
  metaChunk: true,
  // Links to paths outside the site are checked by `npm run check -- docs`.
  ignoreDeadLinks: [/^\/(?!docs)/, /^\/docs\/changelog\.atom/],
  head: [
    ['link', { rel: 'icon', href: '/docs/mark.svg', type: 'image/svg+xml' }],
    [
      'link',
      {
        rel: 'alternate',
        type: 'application/atom+xml',
        title: 'Changelog',
        href: '/docs/changelog.atom',
      },
    ],
  ],
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    externalLinks: { target: '_self', rel: '' },
    config: rememberHighlights,
  },
  vite: {
    logLevel: 'warn',
    // Neither VitePress nor this theme uses the options API of Vue.
    define: { __VUE_OPTIONS_API__: 'false' },
    build: { chunkSizeWarningLimit: 2_000 },
  },
  themeConfig: {
    siteTitle: 'Prepared tickets API',
    logo: { src: '/docs/mark.svg', alt: '' },
    about: JSON.parse(readFileSync(join(folder, 'about.json'), 'utf8')),
    logoLink: '/docs',
    sidebar: JSON.parse(readFileSync(join(folder, 'sidebar.json'), 'utf8')),
    nav: [
      { text: 'Guides', link: '/docs/first-request' },
      { text: 'Reference', link: '/docs/reference/prepared-tickets' },
      { text: 'Try it', link: '/docs/reference/createPreparedTicket#try-it' },
    ],
    outline: { level: [2, 3], label: 'On this page' },
    docFooter: { prev: 'Previous page', next: 'Next page' },
    externalLinkIcon: false,
    notFound: {
      quote: 'This page does not exist.',
      linkLabel: 'Go to the first page',
      linkText: 'Go to the first page',
    },
    search: {
      provider: 'local',
      options: {
        miniSearch: {
          searchOptions: {
            fuzzy: 0.15,
            prefix: true,
            boost: { title: 6, titles: 2, text: 1 },
          },
        },
      },
    },
  },
});
