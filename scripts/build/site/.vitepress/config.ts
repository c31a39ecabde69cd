import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { ORIGIN } from '../addresses.ts';
import { SITE } from '../sources.ts';
import { breakNames, nameCells, rememberHighlights } from './markdown.ts';

/** The folder of one build, which `scripts/build/site/build-site.ts` creates. */
const folder = process.env.DOCS_BUILD as string;

/** Matches the components of the theme that no page uses. Every page would load their styles. */
const UNUSED =
  /^.*\/VP(?:CarbonAds|DocAsideCarbonAds|DocAsideSponsors|Features?|Hero|Home\w*|Sponsors\w*|Team\w+)\.vue$/;

/**
 * The docs site. Its pages are written by `scripts/build/site/build-site.ts`. No page loads anything from another
 * host, and no script is inline except for two that VitePress has in the head of each page.
 */
export default defineConfig({
  lang: 'en',
  title: SITE,
  description:
    'Guides and reference of the API with which partners prepare tickets for their customers.',
  titleTemplate: `:title · ${SITE}`,
  srcDir: join(folder, 'pages'),
  outDir: join(folder, 'site'),
  cacheDir: join(folder, 'cache'),
  assetsDir: 'docs/assets',
  cleanUrls: true,
  metaChunk: true,
  // Links to paths outside the site are checked by `npm run check -- docs`.
  ignoreDeadLinks: [/^\/(?!docs)/, /^\/docs\/changelog\.atom/],
  sitemap: { hostname: ORIGIN },
  head: [
    ['link', { rel: 'icon', href: '/docs/mark.svg', type: 'image/svg+xml' }],
    ['link', { rel: 'sitemap', href: '/sitemap.xml', type: 'application/xml' }],
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
    config(markdown) {
      rememberHighlights(markdown);
      nameCells(markdown);
      breakNames(markdown);
    },
  },
  vite: {
    logLevel: 'warn',
    resolve: {
      alias: [{ find: UNUSED, replacement: join(import.meta.dirname, 'theme/Nothing.vue') }],
    },
    // Neither VitePress nor this theme uses the options API of Vue.
    define: { __VUE_OPTIONS_API__: 'false' },
    build: { chunkSizeWarningLimit: 2_000 },
  },
  themeConfig: {
    logo: { src: '/docs/mark.svg', alt: '' },
    about: JSON.parse(readFileSync(join(folder, 'about.json'), 'utf8')),
    logoLink: '/docs',
    sidebar: JSON.parse(readFileSync(join(folder, 'sidebar.json'), 'utf8')),
    nav: [
      { text: 'Guides', link: '/docs/first-request' },
      { text: 'Reference', link: '/docs/reference/prepared-tickets' },
      { text: 'Try it', link: '/docs/reference/createPreparedTicket#try-it' },
      { text: 'Changelog', link: '/docs/changelog' },
    ],
    outline: { level: [2, 3], label: 'On this page' },
    docFooter: { prev: 'Previous page', next: 'Next page' },
    externalLinkIcon: false,
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
