import { beforeEach, describe, expect, test } from 'vitest';
import { RemoteDocument } from '../../src/auth/remote-document.ts';
import { fetchJson } from '../../src/auth/remote-json.ts';
import { HUGE_CHUNKS, type TestSource, TestWorld } from '../support/remote-source.ts';

const URL = 'https://source.test/document';

let world: TestWorld;
let source: TestSource;

beforeEach(() => {
  world = new TestWorld();
  source = world.source(URL, { version: 1 });
});

const get = () => fetchJson(world, URL, 'application/json', 1000);

test('a document is requested as JSON or with the accept header of its source', async () => {
  for (const accept of [undefined, 'application/jwk-set+json']) {
    await new RemoteDocument({ url: URL, parse: String, accept }).get(world, () => true);
  }
  const accepts = source.asked.map(({ headers }) => new Headers(headers).get('accept'));
  expect(accepts).toEqual(['application/json', 'application/jwk-set+json']);
});

test('a redirect is not followed', async () => {
  const elsewhere = world.source('https://elsewhere.test', { version: 2 });
  source.answer = 'redirects';
  await expect(get()).rejects.toThrow('status 302');
  expect(source.asked[0]?.redirect).toBe('manual');
  expect(elsewhere.fetches).toBe(0);
});

describe('a body that is too large', () => {
  test('is cancelled at the limit', async () => {
    source.answer = 'is huge';
    await expect(get()).rejects.toThrow('more than 65536 bytes');
    expect(source.cancelled).toBe(true);
    expect(source.chunks).toBeLessThan(HUGE_CHUNKS / 10);
  });

  test('has more than 64 KiB', async () => {
    const shell = JSON.stringify({ filler: '' }).length;
    source.document = { filler: 'x'.repeat(64 * 1024 - shell) };
    expect(await get()).toEqual(source.document);
    source.document = { filler: 'x'.repeat(64 * 1024 - shell + 1) };
    await expect(get()).rejects.toThrow('more than 65536 bytes');
  });
});
