import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { buildDocumentWithSamples } from '../../scripts/build/document.ts';
import { createApp } from '../../src/app.ts';
import { ON_REQUEST_ONLY } from '../../src/auth/scopes.ts';
import { catalogue } from '../../src/problems/catalogue.ts';
import type { ProblemDefinition } from '../../src/problems/definition.ts';
import { ORIGIN, TestApi } from '../support/api.ts';
import { scopeOf } from '../support/calls.ts';
import { stillWorld } from '../support/dependencies.ts';
import { type DocumentedOperation, document, operations } from '../support/document.ts';
import { textOf } from '../support/texts.ts';

const api = new TestApi();
const text = async (path: string) => textOf(await api.get(path));

/** The formats of the document, which the build writes, with their media types. */
const documents: [path: string, type: string][] = [
  ['/openapi.json', 'application/json'],
  ['/openapi.yaml', 'application/yaml'],
  ['/docs.md', 'text/markdown; charset=UTF-8'],
  ['/llms.txt', 'text/plain; charset=UTF-8'],
  ['/llms-full.txt', 'text/plain; charset=UTF-8'],
  ['/postman.json', 'application/json'],
];

describe('a public document can be cached and requested conditionally', () => {
  test.each<[path: string, type: string]>([
    ...documents,
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
    const body = await textOf(response);
    expect(body.length).toBeGreaterThan(0);

    const another = await new TestApi().get(path);
    expect(another.headers.get('etag'), 'in another isolate').toBe(etag);
    expect(await textOf(another)).toBe(body);

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

  test('a deployment at another URL has a document with that URL', () => {
    const app = createApp(stillWorld);
    const elsewhere = buildDocumentWithSamples(app, { issuer: 'https://tickets.test' }, env.GUIDES);
    expect(JSON.stringify(elsewhere)).toContain('https://tickets.test/v2');
    expect(JSON.stringify(elsewhere)).not.toContain(ORIGIN);
    expect(JSON.stringify(document)).not.toContain('https://tickets.test');
  });

  test.each(documents)('%s is served even if the configuration is missing', async (path, type) => {
    const unset = new TestApi({ ISSUER: '', SIGNING_KEY_A: undefined, DB: undefined });
    const response = await unset.get(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('x-request-id')).toBeTruthy();
  });
});

describe('YAML', () => {
  test('/openapi.yaml contains the same document', async () => {
    const yaml = await text('/openapi.yaml');
    expect(parse(yaml)).toEqual(document);
    expect(yaml).toMatch(/^openapi: 3\.1\.0\ninfo:\n {2}title: Prepared tickets\n/);
  });
});

/** Returns a page of the docs site in Markdown, which does not pass through the app. */
const pageOf = async (path: string) => {
  const response = await env.ASSETS.fetch(new URL(path, ORIGIN));
  expect(response.status, path).toBe(200);
  return textOf(response);
};

describe('the docs in Markdown', () => {
  test('/docs.md and /llms-full.txt contain every guide, operation and problem', async () => {
    const markdown = await text('/docs.md');
    expect(await text('/llms-full.txt')).toBe(markdown);
    for (const guide of document.info.description.split(/^## /m).slice(1)) {
      const [title] = guide.split('\n');
      expect(markdown).toContain(`# ${title}\n`);
      for (const block of guide.match(/^```[\s\S]*?^```$/gm) ?? []) {
        expect(markdown).toContain(block);
      }
    }
    for (const { method, path } of operations) {
      expect(markdown).toContain(`\n**\`${method}\`** \`${path}\`\n`);
    }
    expect(markdown, 'members of a union').toContain('- `pointer` ');
    expect(markdown, 'a response').toContain('"ticket_number": 7440303');
    expect(markdown.split('\n').filter((line) => /undefined|\[object/.test(line))).toEqual([]);
    expect(markdown, 'syntax of VitePress').not.toMatch(/^:::|^<\/?(?:div|TryIt)|\{#/m);
  });

  test('/llms.txt links to a page for every operation, and each of its links works', async () => {
    const llms = await text('/llms.txt');
    expect(llms).toMatch(/^# Prepared tickets\n\n> \S/);
    const links = [...llms.matchAll(/\]\((.+?)\)/g)].map(([, url]) => new URL(url as string));
    expect(links.length).toBeGreaterThan(operations.length);
    for (const { origin, pathname } of links.filter((url) => url.pathname !== '/docs')) {
      expect(origin).toBe(ORIGIN);
      if (pathname.startsWith('/docs/')) {
        expect(await pageOf(pathname)).toMatch(/^# \S/);
      } else {
        expect((await api.get(pathname)).status, pathname).toBe(200);
      }
    }
    for (const { method, path, operationId } of operations) {
      expect(llms).toContain(`/docs/reference/${operationId}.md): \`${method} ${path}\``);
    }
  });

  test('/docs/index.md is the list of /llms.txt', async () => {
    expect(await pageOf('/docs/index.md')).toBe(await text('/llms.txt'));
  });

  test('the page of a sync describes a deletion', async () => {
    const page = await pageOf('/docs/reference/syncPreparedTickets.md');
    expect(page).toContain('with these members<br>A ticket to delete. Other members are ignored.');
  });

  test('the page of the response headers describes each header under its name', async () => {
    const page = await pageOf('/docs/reference/headers.md');
    const shown = Array.from(page.matchAll(/^- `([^`]+)`/gm), ([, name]) => name);
    const sent = new Set(
      operations.flatMap(({ responses }) =>
        Object.values(responses).flatMap(({ headers = {} }) => Object.keys(headers)),
      ),
    );
    expect(shown.toSorted()).toEqual([...sent].sort());
  });

  test('the newest release of the changelog has the version of the document', async () => {
    const [, released] = /^## (\d\S*),/m.exec(await pageOf('/docs/changelog.md')) ?? [];
    expect(released).toBe(document.info.version);
  });

  test('never shows what is internal', async () => {
    const markdown = await text('/docs.md');
    for (const { title, type } of Object.values<ProblemDefinition>(catalogue).filter(
      ({ isInternal }) => isInternal,
    )) {
      expect(markdown).not.toContain(title);
      expect(markdown).not.toContain(type);
    }
    expect(markdown).not.toContain('/leaked-secrets`');
  });
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

/** The variables with the tokens for scopes that a token has only on request. */
const tokens: Record<string, string> = {
  'credentials:manage': 'manage_token',
  'prepared-tickets:pick-up': 'pick_up_token',
  'webhooks:manage': 'webhooks_token',
};

/** Returns the method and the URL with which the collection sends an operation. */
const requestOf = ({ method, path }: DocumentedOperation) =>
  `${method} {{baseUrl}}${path.replaceAll(/\{(.+?)\}/g, ':$1')}`;

/** Returns the method and the URL of a request of the collection. */
const sentOf = ({ method, url }: PostmanItem['request']) => `${method} ${url.raw}`;

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
    const sent = requests.map(({ request }) => sentOf(request));
    expect([...new Set(sent)].sort()).toEqual(operations.map(requestOf).sort());
  });

  test.each(requests)('$name uses only variables that the collection defines', ({ request }) => {
    const secured = request.url.raw.includes('/v2/');
    const own = operations.find((operation) => requestOf(operation) === sentOf(request));
    const token = `{{${tokens[scopeOf(own as DocumentedOperation) as string] ?? 'access_token'}}}`;
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

  test('starts with one token request for most operations and one for each scope on request', () => {
    const [standard, ...named] = item[0]?.item ?? [];
    const scopeOf = (one?: PostmanItem) =>
      one?.request.body?.urlencoded?.find(({ key }) => key === 'scope')?.value;
    expect(scopeOf(standard)).toBeUndefined();
    expect(named.map(scopeOf).filter(Boolean).sort()).toEqual([...ON_REQUEST_ONLY].sort());
  });

  test('orders the requests of each folder so that every resource exists when it is needed', () => {
    expect(namesOf('Prepared tickets')).toEqual([
      'Retrieve prepared tickets',
      'Export prepared tickets',
      'Create a prepared ticket',
      'Create prepared tickets in a batch',
      'Sync prepared tickets by reference',
      'Create or replace a prepared ticket by reference',
      'Update a prepared ticket',
      'Retrieve a prepared ticket by reference',
      'Retrieve a prepared ticket',
      'Retrieve the readiness of a prepared ticket',
      'Delete a prepared ticket by reference',
      'Delete a prepared ticket',
    ]);
    const lines = namesOf('Product lines');
    expect(lines?.[0]).toBe('Create a prepared ticket');
    // The deletion sends the entity tag of the ticket, which its lines changed.
    expect(lines?.slice(-3)).toEqual([
      'Delete a product line',
      'Retrieve a prepared ticket',
      'Delete a prepared ticket',
    ]);
    expect(namesOf('Tickets')?.slice(0, 5)).toEqual([
      'Retrieve tickets',
      'Export tickets',
      'Create a prepared ticket',
      'Create or replace a product line',
      'Pick up a prepared ticket',
    ]);
    expect(namesOf('Clients')?.at(-1)).toBe('Delete a client');
    expect(namesOf('API keys')?.at(-1)).toBe('Delete an API key');
    expect(namesOf('Webhooks')?.at(-1)).toBe('Delete a webhook endpoint');
  });

  test('stores ids and entity tags for later requests', () => {
    const named = (name: string) => requests.find((one) => one.name === name) as PostmanItem;
    const script = named('Create a prepared ticket').event[0]?.script.exec.join('\n');
    expect(script).toContain("set('ticket_id', pm.response.json().id)");
    expect(script).toContain("set('ticket_etag', pm.response.headers.get('ETag'))");
    const { header } = named('Update a prepared ticket').request;
    expect(header).toContainEqual(
      expect.objectContaining({ key: 'If-Match', value: '{{ticket_etag}}', disabled: false }),
    );
  });

  test('passes the cursor of the event feed to a replay', () => {
    const named = (name: string) => requests.find((one) => one.name === name) as PostmanItem;
    const script = named('Retrieve events').event[0]?.script.exec.join('\n');
    expect(script).toContain("set('cursor', pm.response.json().next)");
    expect(JSON.parse(named('Deliver events again').request.body?.raw as string)).toEqual({
      after: '{{cursor}}',
    });
    const folders = item.map(({ name }) => name);
    expect(folders.indexOf('Events')).toBeLessThan(folders.indexOf('Webhooks'));
  });

  test('sends a new idempotency key with each request', () => {
    const keys = requests.flatMap(({ request }) =>
      request.header.filter(({ key }) => key === 'Idempotency-Key'),
    );
    expect(keys.length).toBeGreaterThan(2);
    expect(keys.every(({ value, disabled }) => value === '"{{$guid}}"' && !disabled)).toBe(true);
  });

  test('has saved responses for each request', () => {
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
