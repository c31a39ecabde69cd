import { describe, expect, test, vi } from 'vitest';
import { type DocumentedOperation, operations } from '../../support/document.ts';
import {
  familyNames,
  growthOf,
  hostileToken,
  hostileValue,
  MAX_GROWTH,
} from '../../support/hostile-values.ts';
import { REPORT_PATH, reportOf, ScannedApi } from '../../support/leak-reports.ts';
import { signedBy } from '../../support/scanner.ts';
import { operationNamed, Scene, TOKEN } from '../../support/scene.ts';

/** No value of a header or a query parameter takes more than linear time, whoever sends it. */

/** Prepares a request that contains a hostile value. */
type Prepare = (scene: Scene, value: string) => Promise<Request>;
type Case = [what: string, prepare: Prepare];

const list = operationNamed('listPreparedTickets');
const create = operationNamed('createPreparedTicket');
const exportTickets = operationNamed('exportPreparedTickets');
const token = operationNamed(TOKEN);

type Spelling = (value: string) => string;
const unchanged: Spelling = (value) => value;

const toOperation =
  (operation: DocumentedOperation) =>
  (name: string, spell = unchanged): Prepare =>
  (scene, value) =>
    scene.prepare(operation, { headers: { [name]: spell(value) } });

const toPath =
  (path: string) =>
  (name: string): Prepare =>
  (scene, value) =>
    scene.api.prepare('GET', path, { headers: { [name]: value } });

async function prepareReport(scene: Scene, headers: Record<string, string> = {}): Promise<Request> {
  const body = reportOf('x');
  return scene.api.prepare('POST', REPORT_PATH, {
    body,
    headers: { ...(await signedBy(body)), ...headers },
  });
}

const ofReport =
  (name: string): Prepare =>
  (scene, value) =>
    prepareReport(scene, { [name]: value });

const ofStranger =
  (spell = unchanged): Prepare =>
  (scene, value) =>
    scene.prepare(list, {
      headers: { authorization: 'Bearer x', 'cf-connecting-ip': spell(value) },
    });

/**
 * The headers that the API reads and the document does not name as parameters: those that OpenAPI defines
 * elsewhere, such as `Authorization`, and those that no partner sends on purpose. A test checks that none is
 * missing.
 */
const undocumented: Readonly<Record<string, Readonly<Record<string, Prepare>>>> = {
  accept: {
    'of an export': toOperation(exportTickets)('accept'),
    'of a public page': toPath('/problems')('accept'),
  },
  authorization: {
    'without a scheme': toOperation(list)('authorization'),
    'that names Bearer': toOperation(list)('authorization', (value) => `Bearer ${value}`),
    'that contains a token': toOperation(list)(
      'authorization',
      (value) =>
        // A token beyond 8192 characters is refused before it is decoded.
        `Bearer ${hostileToken(value.slice(0, value.length / 32))}`,
    ),
    'that names Basic': toOperation(token)('authorization', (value) => `Basic ${value}`),
    'that contains an id and a secret': toOperation(token)(
      'authorization',
      (value) => `Basic ${btoa(`${value}:${value}`)}`,
    ),
  },
  'cf-connecting-ip': {
    'after wrong credentials': ofStranger(),
    'after wrong credentials, as IPv6': ofStranger((value) => `::${value}`),
  },
  'content-encoding': { 'of JSON': toOperation(create)('content-encoding') },
  'content-length': { 'of JSON': toOperation(create)('content-length') },
  'content-type': {
    'of JSON': toOperation(create)('content-type'),
    'of JSON, after the type': toOperation(create)(
      'content-type',
      (value) => `application/json;${value}`,
    ),
    'of a form': toOperation(token)('content-type'),
    'of a form, after the type': toOperation(token)(
      'content-type',
      (value) => `application/x-www-form-urlencoded;${value}`,
    ),
  },
  'github-public-key-identifier': { 'of a report': ofReport('github-public-key-identifier') },
  'github-public-key-signature': { 'of a report': ofReport('github-public-key-signature') },
  'if-match': {
    'of a public document': toPath('/.well-known/jwks.json')('if-match'),
    'of a static file': toPath('/openapi.json')('if-match'),
  },
  'if-none-match': {
    'of a public document': toPath('/.well-known/jwks.json')('if-none-match'),
    'of a static file': toPath('/openapi.json')('if-none-match'),
  },
  traceparent: { 'of any request': toOperation(list)('traceparent') },
  'x-api-key': { 'of any request': toOperation(list)('x-api-key') },
  'x-request-id': { 'of any request': toOperation(list)('x-request-id') },
};

/** The header and query parameters of the document: each schema once, with an operation that has it. */
const documented = [
  ...new Map(
    operations.flatMap((operation) =>
      (operation.parameters ?? [])
        .filter((parameter) => parameter.in === 'header' || parameter.in === 'query')
        .map((parameter) => [
          `${parameter.in} ${parameter.name} ${JSON.stringify(parameter.schema)}`,
          { operation, ...parameter },
        ]),
    ),
  ).values(),
];

function casesOf({ operation, in: part, name, example }: (typeof documented)[number]): Case[] {
  const what = `${part} ${name} of ${operation.operationId}`;
  if (part === 'header') {
    const send = toOperation(operation);
    return [
      [what, send(name)],
      [`${what}, after an example`, send(name, (value) => `${example}${value}`)],
    ];
  }
  const send =
    (spell = unchanged): Prepare =>
    (scene, value) =>
      scene.prepare(operation, { query: `?${name}=${spell(value)}` });
  return [
    [what, send()],
    [`${what}, percent-encoded`, send(encodeURIComponent)],
  ];
}

const cases: Case[] = [
  ...documented.flatMap(casesOf),
  ...Object.entries(undocumented).flatMap(([name, ways]) =>
    Object.entries(ways).map(([what, prepare]): Case => [`header ${name} ${what}`, prepare]),
  ),
  ['a query', (scene, value) => scene.prepare(list, { query: `?${value}` })],
  [
    'many parameters',
    (scene, value) => scene.prepare(list, { query: `?${value.replaceAll(/../g, '$&&')}` }),
  ],
];

describe('takes no more than linear time:', () => {
  test.each(cases)('%s', async (_what, prepare) => {
    const scene = await Scene.set();
    scene.api = new ScannedApi();
    const grown: Record<string, number> = {};
    for (const family of familyNames) {
      const growth = await growthOf(async (length) => {
        const response = await scene.api.respond(
          await prepare(scene, hostileValue(family, length)),
        );
        await response.body?.cancel();
      });
      if (growth > MAX_GROWTH) {
        grown[family] = growth;
      }
    }
    expect(grown).toEqual({});
  });

  test('a quadratic reader does not', async () => {
    const growth = await growthOf(async (length) => {
      let sum = 0;
      for (let step = 0; step < (length / 4) ** 2; step++) {
        sum += step % 7;
      }
      return sum;
    });
    expect(growth).toBeGreaterThan(MAX_GROWTH);
  });
});

describe('the headers that are read', () => {
  /** Records the names of the headers of requests that are read from now on. */
  function watchHeaders(): Set<string> {
    const ofRequests = new WeakSet<Headers>();
    const names = new Set<string>();
    const headersOf = Object.getOwnPropertyDescriptor(Request.prototype, 'headers')?.get;
    vi.spyOn(Request.prototype, 'headers', 'get').mockImplementation(function (this: Request) {
      const headers = headersOf?.call(this) as Headers;
      ofRequests.add(headers);
      return headers;
    });
    for (const method of ['get', 'has'] as const) {
      const original = Headers.prototype[method] as (name: string) => never;
      vi.spyOn(Headers.prototype, method).mockImplementation(function (this: Headers, name) {
        if (ofRequests.has(this)) {
          names.add(name.toLowerCase());
        }
        return original.call(this, name);
      });
    }
    return names;
  }

  test('are in the document or in the list above', async () => {
    const scene = await Scene.set();
    scene.api = new ScannedApi();
    const requests = await Promise.all([
      ...operations.map((operation) => scene.prepare(operation)),
      ...['/problems', '/problems/violations', '/openapi.json', '/docs', '/none'].map((path) =>
        scene.api.prepare('GET', path),
      ),
      scene.prepare(list, { headers: { authorization: 'Bearer x' } }),
      prepareReport(scene),
    ]);
    const names = watchHeaders();
    for (const request of requests) {
      await (await scene.api.respond(request)).body?.cancel();
    }
    vi.restoreAllMocks();
    const expected = documented.filter((parameter) => parameter.in === 'header');
    expect([...names].sort()).toEqual(
      [
        ...new Set([
          ...expected.map(({ name }) => name.toLowerCase()),
          ...Object.keys(undocumented),
        ]),
      ].sort(),
    );
  });
});
