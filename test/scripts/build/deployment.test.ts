import { expect, test } from 'vitest';
import { deploymentOf } from '../../../scripts/build/deployment.ts';
import wranglerToml from '../../../wrangler.toml?raw';

test.each([
  ['https://tickets.test', 'https://tickets.test'],
  ['https://Tickets.test/', 'https://tickets.test'],
  ['http://localhost:8787', 'http://localhost:8787'],
])('a deployment with the ISSUER %s has the issuer %s', (ISSUER, issuer) => {
  expect(deploymentOf({ ISSUER }).issuer).toBe(issuer);
});

test('accepts the ISSUER placeholder of wrangler.toml, so that a fresh clone builds', () => {
  const ISSUER = /^ISSUER = "(.+)"$/m.exec(wranglerToml)?.[1] as string;
  expect(deploymentOf({ ISSUER }).issuer).toBe(ISSUER);
});
