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
  event: { script: { exec: string[] } }[];
  request: {
    method: string;
    url: { raw: string; variable: { key: string; value: string }[] };
    header: { key: string; value: string; disabled?: boolean }[];
    auth: { type: string; bearer?: { value: string }[] };
    body?: { mode: string; raw?: string; urlencoded?: { key: string; value: string }[] };
  };
  response: { code: number; body: string }[];
}

interface PostmanFolder {
  name: string;
  item: PostmanItem[];
}

describe('/postman.json', async () => {
  const { info, item, variable } = JSON.parse(await text('/postman.json')) as {
    info: { schema: string };
    item: PostmanFolder[];
    variable: { key: string; value: string }[];
  };
  const requests = item.flatMap((folder) => folder.item);
  const namesOf = (folder: string) =>
    item.find(({ name }) => name === folder)?.item.map(({ name }) => name);

  test('has a request for each operation', () => {
    expect(info.schema).toContain('/v2.1.0/');
    expect(variable.find(({ key }) => key === 'baseUrl')?.value).toBe(ORIGIN);
    const sent = requests.map(({ request: { method, url } }) => `${method} ${url.raw}`);
    expect([...new Set(sent)].sort()).toEqual(
      operations
        .map(({ method, path }) => `${method} {{baseUrl}}${path.replaceAll(/\{(.+?)\}/g, ':$1')}`)
        .sort(),
    );
  });

  test.each(requests)('$name sends credentials, ids and bodies that are there', ({ request }) => {
    const secured = request.url.raw.includes('/v2/');
    const manages = request.url.raw.includes('/v2/system/');
    const token = manages ? '{{management_token}}' : '{{access_token}}';
    expect(request.auth.type).toBe(secured ? 'bearer' : 'noauth');
    expect(request.auth.bearer?.[0]?.value).toBe(secured ? token : undefined);
    expect(request.header.some(({ key }) => key === 'x-api-key')).toBe(secured);
    const known = variable.map(({ key }) => key);
    const used = JSON.stringify(request).matchAll(/\{\{([^$}]+)\}\}/g);
    expect([...used].map(([, name]) => name).filter((name) => !known.includes(`${name}`))).toEqual(
      [],
    );
    if (request.body?.mode === 'raw') {
      expect(JSON.parse(request.body.raw as string)).toBeTypeOf('object');
    }
  });

  test('gets tokens first: one for every day, one for clients and API keys', () => {
    const [everyday, management] = item[0]?.item ?? [];
    const scopeOf = (one?: PostmanItem) =>
      one?.request.body?.urlencoded?.find(({ key }) => key === 'scope')?.value;
    expect(scopeOf(everyday)).toBeUndefined();
    expect(scopeOf(management)).toBe('credentials:manage');
  });

  test('orders each folder so that every request finds what it needs', () => {
    expect(namesOf('Prepared tickets')).toEqual([
      'Retrieve prepared tickets',
      'Export prepared tickets',
      'Create a prepared ticket',
      'Update a prepared ticket',
      'Retrieve a prepared ticket',
      'Delete a prepared ticket',
    ]);
    const lines = namesOf('Product lines');
    expect(lines?.[0]).toBe('Create a prepared ticket');
    expect(lines?.slice(-2)).toEqual(['Delete a product line', 'Delete a prepared ticket']);
    expect(namesOf('Clients')?.at(-1)).toBe('Delete a client');
    expect(namesOf('API keys')?.at(-1)).toBe('Delete an API key');
  });

  test('keeps ids and entity tags for the requests that follow', () => {
    const named = (name: string) => requests.find((one) => one.name === name) as PostmanItem;
    const script = named('Create a prepared ticket').event[0]?.script.exec.join('\n');
    expect(script).toContain("set('ticket_id', pm.response.json().id)");
    expect(script).toContain("set('ticket_etag', pm.response.headers.get('ETag'))");
    const { header } = named('Update a prepared ticket').request;
    expect(header).toContainEqual(
      expect.objectContaining({ key: 'If-Match', value: '{{ticket_etag}}', disabled: false }),
    );
  });

  test('makes a new idempotency key with each sending', () => {
    const keys = requests.flatMap(({ request }) =>
      request.header.filter(({ key }) => key === 'Idempotency-Key'),
    );
    expect(keys.length).toBeGreaterThan(2);
    expect(keys.every(({ value, disabled }) => value === '"{{$guid}}"' && !disabled)).toBe(true);
  });

  test('shows with each request what it can respond with', () => {
    for (const { name, response } of requests) {
      expect(
        response.some(({ code }) => code < 300),
        name,
      ).toBe(true);
    }
    const problems = requests.flatMap(({ response }) => response).filter(({ code }) => code >= 400);
    expect(problems.length).toBeGreaterThan(50);
  });
});
