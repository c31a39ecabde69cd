/**
 * Copies the scripts of the docs page into the Worker's static assets, Scalar from its package, so
 * that `/docs` asks no other host for anything. wrangler runs this before each build.
 */
import { copyFileSync, mkdirSync } from 'node:fs';

const scalar = 'node_modules/@scalar/api-reference/dist/browser/standalone.js';
mkdirSync('.assets/docs', { recursive: true });
copyFileSync(scalar, '.assets/docs/scalar.js');
copyFileSync('src/openapi/docs-page.browser.js', '.assets/docs/start.js');
