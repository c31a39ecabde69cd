import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { toYaml } from '../../src/openapi/yaml.ts';
import { ORIGIN, TestApi } from '../support/api.ts';
import { document, operations } from '../support/document.ts';

const api = new TestApi();
const text = async (path: string) => (await api.get(path)).text();

describe('what is public is built once and cached', () => {
  test.each([
    ['/openapi.json', 'application/json'],
    ['/openapi.yaml', 'application/yaml'],
    ['/docs.md', 'text/markdown; charset=UTF-8'],
    ['/llms.txt', 'text/plain; charset=UTF-8'],
    ['/postman.json', 'application/json'],
    ['/docs', 'text/html; charset=UTF-8'],
    ['/problems', 'text/html; charset=UTF-8'],
    ['/problems/violations', 'text/html; charset=UTF-8'],
    [
      '/.well-known/api-catalog',
      'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"',
    ],
    ['/.well-known/oauth-protected-resource', 'application/json'],
  ])('%s', async (path, type) => {
    const response = await api.get(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    const etag = response.headers.get('etag') as string;
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
    const body = await response.text();
    expect(body.length).toBeGreaterThan(0);

    const another = await new TestApi().get(path);
    expect(another.headers.get('etag'), 'in another isolate').toBe(etag);
    expect(await another.text()).toBe(body);

    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await api.request('GET', path, { headers: { 'if-none-match': known } });
      expect(again.status, known).toBe(304);
      expect(await again.text()).toBe('');
      expect(again.headers.get('etag')).toBe(etag);
      expect(again.headers.get('cache-control')).toBe('public, max-age=300');
    }
    for (const [match, status] of [
      [etag, 200],
      ['*', 200],
      ['"other"', 412],
    ] as const) {
      const again = await api.request('GET', path, { headers: { 'if-match': match } });
      expect(again.status, match).toBe(status);
    }
    for (const unknown of ['"other"', etag.slice(1, -1), '']) {
      const again = await api.request('GET', path, { headers: { 'if-none-match': unknown } });
      expect(again.status, unknown).toBe(200);
    }
  });

  test('another address has another document', async () => {
    const elsewhere = new TestApi({ ISSUER: 'https://tickets.test' });
    expect(await (await elsewhere.get('/openapi.json')).text()).toContain(
      'https://tickets.test/v2',
    );
    expect(await text('/openapi.json')).not.toContain('https://tickets.test');
  });
});

describe('YAML', () => {
  test('/openapi.yaml is the same document', async () => {
    const yaml = await text('/openapi.yaml');
    expect(parse(yaml)).toEqual(document);
    expect(yaml).toMatch(/^openapi: "3\.1\.0"\ninfo:\n {2}title: Prepared tickets\n/);
  });

  test.each([
    [[[]], {}],
    ['', ' ', 'a: b', '# c', 'a #b', '- x', '~', 'null', 'Yes', '12', '1e3', '0x1', '2026-03-01'],
    [
      'one\ntwo',
      'one\n\ntwo',
      ' one\ntwo',
      'one\ntwo\n',
      '\none',
      'one\n  two',
      'a\tb\nc',
      'a\r\nb',
    ],
    [
      '\u0000',
      '\u007f',
      '\u0085',
      '\u2028',
      '\ufeff',
      '😀',
      '"\\"',
      "it's",
      '{a}',
      '[b]',
      '&x',
      '!t',
      '@',
      '`',
    ],
    [
      {
        a: { b: [{ c: 1, d: [2, [3, { e: null }]] }] },
        '200': true,
        '': 0,
        'a b': -1.5e-7,
        no: false,
      },
    ],
    ['a ', 'a.', 'a:', 'true', 'x'.repeat(2000), 'a: |-\n  b', '---', '...', '%x', '? x', ': x'],
  ])('reads as it was written: %j', (...value) => {
    expect(parse(toYaml(value))).toEqual(value);
    expect(parse(toYaml({ value }))).toEqual({ value });
  });
});

test('/docs.md has each guide, operation and schema', async () => {
  const markdown = await text('/docs.md');
  expect(markdown).toContain(document.info.description);
  for (const { method, path } of operations) {
    expect(markdown).toContain(`\n\`${method} ${path}\`\n`);
  }
  for (const name of Object.keys(document.components.schemas)) {
    expect(markdown).toContain(`\n### ${name}\n`);
  }
  expect(markdown, 'members of a union').toContain('| `pointer` | required |');
  expect(markdown.split('\n').filter((line) => /undefined|\[object/.test(line))).toEqual([]);
});

test('/llms.txt says what is here and links to the whole, all of which answers', async () => {
  const llms = await text('/llms.txt');
  expect(llms).toMatch(/^# Prepared tickets\n\n> \S/);
  const links = [...llms.matchAll(/\]\((.+?)\)/g)].map(([, url]) => new URL(url as string));
  expect(links.length).toBeGreaterThan(4);
  for (const { origin, pathname } of links) {
    expect(origin).toBe(ORIGIN);
    expect((await api.get(pathname)).status, pathname).toBe(200);
  }
  for (const { method, path } of operations) {
    expect(llms).toContain(`\`${method} ${path}\``);
  }
});

interface PostmanItem {
  name: string;
  request: {
    method: string;
    url: { raw: string; variable: { key: string; value: string }[] };
    header: { key: string; value: string }[];
    auth: { type: string };
    body?: { mode: string; raw?: string };
  };
}

test('/postman.json has a request for each operation, with credentials as variables', async () => {
  const { info, item, variable } = JSON.parse(await text('/postman.json')) as {
    info: { schema: string };
    item: { item: PostmanItem[] }[];
    variable: { key: string; value: string }[];
  };
  expect(info.schema).toContain('/v2.1.0/');
  expect(variable.find(({ key }) => key === 'baseUrl')?.value).toBe(ORIGIN);
  const requests = item.flatMap((folder) => folder.item);
  expect(requests.map(({ request: { method, url } }) => `${method} ${url.raw}`).sort()).toEqual(
    operations
      .map(({ method, path }) => `${method} {{baseUrl}}${path.replaceAll(/\{(.+?)\}/g, ':$1')}`)
      .sort(),
  );
  for (const { request, name } of requests) {
    const secured = request.url.raw.includes('/v2/');
    expect(request.auth.type, name).toBe(secured ? 'bearer' : 'noauth');
    expect(
      request.header.some(({ key }) => key === 'x-api-key'),
      name,
    ).toBe(secured);
    expect(
      request.url.variable.every(({ value }) => value !== ''),
      name,
    ).toBe(true);
    if (request.body?.mode === 'raw') {
      expect(JSON.parse(request.body.raw as string), name).toBeTypeOf('object');
    }
  }
});
