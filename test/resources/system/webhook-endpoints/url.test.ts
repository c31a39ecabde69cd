import { describe, expect, test } from 'vitest';
import { isDeliverable } from '../../../../src/resources/system/webhook-endpoints/url.ts';
import { ORIGIN } from '../../../support/api.ts';
import { deliverableUrls, hostileUrls, ownUrls } from '../../../support/hostile-urls.ts';

const PUBLIC = 'https://tickets.garage.com';
const LOCAL = 'http://localhost:8787';

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
