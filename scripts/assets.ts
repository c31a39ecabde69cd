/**
 * Copies the script of the docs page from its package into the Worker's static assets, so that
 * `/docs` asks no other host for anything. wrangler runs this before each build.
 */
import { copyFileSync, mkdirSync } from 'node:fs';

const source = 'node_modules/@scalar/api-reference/dist/browser/standalone.js';
mkdirSync('.assets/docs', { recursive: true });
copyFileSync(source, '.assets/docs/scalar.js');
