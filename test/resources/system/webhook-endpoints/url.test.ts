import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { buildDocumentWithSamples } from '../../../../scripts/build/document.ts';
import { createApp } from '../../../../src/app.ts';
import { isDeliverable } from '../../../../src/resources/system/webhook-endpoints/url.ts';
import { ORIGIN } from '../../../support/api.ts';
import { stillWorld } from '../../../support/dependencies.ts';
import { deliverableUrls, hostileUrls, ownUrls } from '../../../support/hostile-urls.ts';

const PUBLIC = 'https://tickets.garage.com';
const LOCAL = 'http://localhost:8787';

/** Returns the patterns of URLs in requests and in responses, in the document of a deployment. */
function patternsOf(issuer: string) {
  const { document } = buildDocumentWithSamples(createApp(stillWorld), { issuer }, env.GUIDES);
  const schemas = document.components?.schemas as Record<
    string,
    { properties: { url: { pattern: string } } }
  >;
  const [sent, update, stored] = ['NewWebhookEndpoint', 'WebhookEndpointUpdate', 'WebhookEndpoint']
    .map((name) => schemas[name]?.properties.url.pattern as string)
    .map((pattern) => new RegExp(pattern, 'u')) as [RegExp, RegExp, RegExp];
  expect(update).toEqual(sent);
  return { sent, stored };
}

describe('the document', () => {
  const deployed = patternsOf(PUBLIC);
  const local = patternsOf(LOCAL);

  test.each(deliverableUrls)('accepts %s in requests and in responses', (url) => {
    for (const { sent, stored } of [deployed, local]) {
      expect([url, url]).toEqual([expect.stringMatching(sent), expect.stringMatching(stored)]);
    }
  });

  test.each(['http://localhost:3000', 'http://localhost/hook', 'http://localhost?a=b'])(
    'accepts %s only if it is that of a local API',
    (url) => {
      expect(url).toMatch(local.sent);
      expect(url).toMatch(local.stored);
      expect(url).not.toMatch(deployed.sent);
      expect(url).not.toMatch(deployed.stored);
    },
  );

  test('refuses all hostile URLs but those of names that are not public and of lengths', () => {
    const missed = hostileUrls.filter((url) => deployed.sent.test(url));
    const notPublic =
      /^https:\/\/(?:[^/]*\.)?(?:local|localhost|localdomain|internal|arpa|lan|corp|svc|consul|docker|test|invalid|onion)(?:[:/]|$)/i;
    const others = missed.filter((url) => !notPublic.test(url) && url.length < 200);
    expect(others).toEqual([`https://${'a'.repeat(64)}.example/`]);
    expect(hostileUrls.length - missed.length).toBeGreaterThan(100);
  });

  test('refuses http to any other host, also of a local API', () => {
    for (const url of ['http://hooks.garage.example/', 'http://127.0.0.1:3000/']) {
      expect(url).not.toMatch(local.sent);
      expect(url).not.toMatch(local.stored);
    }
  });
});

describe('isDeliverable', () => {
  test.each(hostileUrls)('rejects %j in every deployment', (url) => {
    expect(isDeliverable(url, ORIGIN)).toBe(false);
    expect(isDeliverable(url, PUBLIC)).toBe(false);
    expect(isDeliverable(url, LOCAL)).toBe(false);
  });

  test('the table has at least 60 hostile URLs, each of them once', () => {
    expect(hostileUrls.length).toBeGreaterThanOrEqual(60);
    expect(new Set(hostileUrls).size).toBe(hostileUrls.length);
  });

  test.each(ownUrls)('rejects the own host of the API in the spelling %j', (url) => {
    expect(isDeliverable(url, PUBLIC)).toBe(false);
    expect(isDeliverable(url, `${PUBLIC}:8443`)).toBe(false);
  });

  test.each(deliverableUrls)('accepts %s in every deployment', (url) => {
    expect(isDeliverable(url, PUBLIC)).toBe(true);
    expect(isDeliverable(url, LOCAL)).toBe(true);
  });

  test.each(['http://localhost:3000', 'http://localhost/hook', 'http://localhost:65535/hook?a=b'])(
    'accepts %s only if the API itself is local',
    (url) => {
      expect(isDeliverable(url, LOCAL)).toBe(true);
      expect(isDeliverable(url, 'http://127.0.0.1:8787')).toBe(true);
      expect(isDeliverable(url, PUBLIC)).toBe(false);
    },
  );

  test.each([LOCAL, 'http://127.0.0.1:8787', 'http://[::1]:8787'])(
    'rejects the port of the local API at %s itself',
    (issuer) => {
      expect(isDeliverable('http://localhost:8787/hook', issuer)).toBe(false);
    },
  );
});
