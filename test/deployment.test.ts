import { expect, test } from 'vitest';
import readme from '../README.md?raw';
import wranglerToml from '../wrangler.toml?raw';

test('the README leads to the address that the Worker gets', () => {
  const name = /^name = "(.+)"$/m.exec(wranglerToml)?.[1];
  const hosts = new Set(readme.match(/https:\/\/[a-z-]+\.<your subdomain>\.workers\.dev/g));
  expect([...hosts]).toEqual([`https://${name}.<your subdomain>.workers.dev`]);
});
