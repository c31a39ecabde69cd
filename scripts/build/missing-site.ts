import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What the build of the assets prints if it leaves the docs site to `npm run dev`. */
export const SITE_IS_MISSING = 'The docs site is not built yet.';
/** The file that `watch_dir` of wrangler.toml names. A running `wrangler dev` builds again when it is written. */
export const BUILT_SITE_FILE = '.wrangler/docs-site-built';

/** Makes each running `wrangler dev` of this folder build its assets again, now with the docs site. */
export function reportBuiltSite(): void {
  mkdirSync(dirname(BUILT_SITE_FILE), { recursive: true });
  writeFileSync(BUILT_SITE_FILE, new Date().toISOString());
}
