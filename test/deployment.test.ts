import { expect, test } from 'vitest';
import readme from '../README.md?raw';
import wranglerToml from '../wrangler.toml?raw';

test('the README leads to the address that the Worker gets', () => {
  const name = /^name = "(.+)"$/m.exec(wranglerToml)?.[1];
  const hosts = new Set(readme.match(/https:\/\/[a-z-]+\.<your subdomain>\.workers\.dev/g));
  expect([...hosts]).toEqual([`https://${name}.<your subdomain>.workers.dev`]);
});

test('the README stores every secret that the Worker requires', () => {
  const required = /^\[secrets\][^[]*required = (\[.*\])$/m.exec(wranglerToml)?.[1] as string;
  const stored = readme.matchAll(
    /^ {3}npm run -s keys:generate \| npx wrangler secret put (\w+)$/gm,
  );
  expect(Array.from(stored, ([, name]) => name)).toEqual(JSON.parse(required));
});
