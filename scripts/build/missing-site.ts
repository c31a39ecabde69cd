/** What the build of the assets prints if it leaves the docs site to `npm run dev`. */
export const SITE_IS_MISSING = 'The docs site is not built yet.';
/** The file that `watch_dir` of wrangler.toml names. A running `wrangler dev` builds again when it is written. */
export const BUILT_SITE_FILE = '.wrangler/docs-site-built';
/** A page of the site that is there only when the site is, so that `npm run dev` requests it. */
export const AWAITED_PAGE = '/docs/first-request';
