import { expect, test } from 'vitest';
import { deploymentOf } from '../../../scripts/build/deployment.ts';
import wranglerToml from '../../../wrangler.toml?raw';

test.each([
  ['https://tickets.test', 'https://tickets.test'],
  ['https://Tickets.test/', 'https://tickets.test'],
  ['http://localhost:8787', 'http://localhost:8787'],
])('the document of the ISSUER %s names %s', (ISSUER, issuer) => {
  expect(deploymentOf({ ISSUER }).issuer).toBe(issuer);
});

test('a fresh clone can be built: the placeholder of ISSUER is taken as it is', () => {
  const ISSUER = /^ISSUER = "(.+)"$/m.exec(wranglerToml)?.[1] as string;
  expect(deploymentOf({ ISSUER }).issuer).toBe(ISSUER);
});
