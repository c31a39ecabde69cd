import { expect, test } from 'vitest';
import deploying from '../docs/deploying.md?raw';
import wranglerToml from '../wrangler.toml?raw';
import { TestApi } from './support/api.ts';
import { captureLog } from './support/faults.ts';

/** The top-level settings of the Worker, above the first table. */
const [settings] = wranglerToml.split(/^\[/m) as [string];

test('versions of the Worker have no preview URLs, at which old versions would stay reachable', () => {
  expect(settings).toMatch(/^preview_urls = false$/m);
});

test('the API returns 503 until the operator replaces the placeholder of ISSUER', async () => {
  const ISSUER = /^ISSUER = "(.+)"$/m.exec(wranglerToml)?.[1];
  const api = new TestApi({ ISSUER });
  const { lines } = captureLog();
  expect((await api.get('/.well-known/jwks.json')).status).toBe(503);
  expect(lines.join()).toContain('missing or wrong binding: ISSUER');
});

test('docs/deploying.md uses the name of the Worker in its address', () => {
  const name = /^name = "(.+)"$/m.exec(wranglerToml)?.[1];
  const hosts = new Set(deploying.match(/https:\/\/[a-z-]+\.<your subdomain>\.workers\.dev/g));
  expect([...hosts]).toEqual([`https://${name}.<your subdomain>.workers.dev`]);
});

test('docs/deploying.md stores every secret that the Worker requires', () => {
  const required = /^\[secrets\][^[]*required = (\[.*\])$/m.exec(wranglerToml)?.[1] as string;
  const stored = deploying.matchAll(
    /^(?:npm run -s keys:generate \| )?npx wrangler secret put (\w+)(?: < \S+)?$/gm,
  );
  expect(Array.from(stored, ([, name]) => name)).toEqual(JSON.parse(required));
});
