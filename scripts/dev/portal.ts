import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { experimental_readRawConfig } from 'wrangler';
import { type Credentials, everyScope } from '../partner/partners.ts';
import { demoNames } from './demo-tickets.ts';

/** The static assets of the portal, which lie beside its pages. */
const FILES = ['portal.css', 'live-events.js'];

/** Returns the variables with which the portal calls the API, and those with which readers of the docs do. */
export function demoVariables(portal: Credentials, demo: Credentials): Record<string, string> {
  return {
    PORTAL_CLIENT: JSON.stringify(portal),
    PORTAL_NAMES: JSON.stringify(demoNames()),
    // A token gets some scopes only on request.
    DEMO_CLIENT: JSON.stringify({ ...demo, scope: everyScope }),
  };
}

/** Copies the static assets of the portal to those of the Worker. */
export function copyPortalFiles(assets: string): void {
  for (const file of FILES) {
    cpSync(join('demo/portal', file), join(assets, 'portal', file));
  }
}

/**
 * Writes a configuration for wrangler: that of wrangler.toml with the entry of the demo and its variables. Their
 * values come from the environment, because wrangler takes from there only variables that its configuration names.
 *
 * @param file the path of the configuration.
 */
export function writeDemoConfig(file: string): void {
  const { rawConfig } = experimental_readRawConfig({ config: 'wrangler.toml' });
  const { watch_dir: watched = 'src', ...build } = rawConfig.build ?? {};
  // wrangler reads these paths from the folder of the configuration. Options of the command line replace all others.
  const watch_dir = [watched].flat().map((path) => relative(dirname(file), path));
  const text = JSON.stringify({
    ...rawConfig,
    main: resolve('demo/portal/index.ts'),
    vars: { ...rawConfig.vars, PORTAL_CLIENT: '', PORTAL_NAMES: '{}', DEMO_CLIENT: '' },
    build: { ...build, watch_dir, cwd: resolve('.') },
  });
  // wrangler reloads a server whose configuration is written, even if it stays the same.
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
