import { describe, expect, test } from 'vitest';
import { ORIGIN } from '../support/api.ts';
import { document, operations, webhooks } from '../support/document.ts';

/** Properties of the document that client generators need. `npm run check -- future` runs three of them. */

interface Node {
  readonly [key: string]: unknown;
}

/** Returns every schema below a node of the document, with its path. */
function schemasIn(node: unknown, path: string): [path: string, schema: Node][] {
  if (typeof node !== 'object' || node === null) {
    return [];
  }
  const own: [string, Node][] = 'type' in node ? [[path, node as Node]] : [];
  const inner = Object.entries(node).filter(([key]) => key !== 'example' && key !== 'examples');
  return [...own, ...inner.flatMap(([key, value]) => schemasIn(value, `${path}/${key}`))];
}

const schemas = schemasIn(document.components, 'components').concat(
  schemasIn(document.paths, 'paths'),
);

const requestBodies = operations.flatMap(({ operationId, requestBody }) => {
  const { $ref } = (requestBody?.content['application/json']?.schema ?? {}) as { $ref?: string };
  return $ref === undefined ? [] : [[operationId, $ref.replace('#/components/schemas/', '')]];
}) as [string, string][];

describe.each(requestBodies)('the request body of %s', (_operationId, name) => {
  const { properties } = document.components.schemas[name] as { properties: Record<string, Node> };

  test('declares a type for every member, including read-only ones', () => {
    for (const [member, schema] of Object.entries(properties)) {
      expect(schema.type, member).toBeDefined();
    }
  });

  test('has no keyword default, because generators would require the member', () => {
    for (const [member, schema] of Object.entries(properties)) {
      expect(schema, member).not.toHaveProperty('default');
    }
  });
});

test('the descriptions of members state their defaults', () => {
  const { NewOAuthClient, NewApiKey, NewPreparedTicket } = document.components.schemas;
  const descriptionOf = (schema: { properties: Record<string, Node> }, member: string) =>
    schema.properties[member]?.description;
  expect(descriptionOf(NewPreparedTicket, 'voucher_code')).toContain('Default: null.');
  expect(descriptionOf(NewOAuthClient, 'scopes')).toContain('Default: `["prepared-tickets:read"]`');
  for (const schema of [NewOAuthClient, NewApiKey]) {
    expect(descriptionOf(schema, 'expires_at')).toContain('Default: null');
    expect(descriptionOf(schema, 'disabled')).toContain('Default: false.');
  }
});

test('no integer has a format that generators turn into a bigint', () => {
  const integers = schemas.filter(([, { type }]) => [type].flat().includes('integer'));
  expect(integers.length).toBeGreaterThan(10);
  for (const [path, { format, maximum }] of integers) {
    expect(maximum, path).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
    expect(format ?? 'int32', path).toBe('int32');
  }
});

test('no operation or tag has the name of a schema or of an export of a generator', () => {
  const pascal = (name: string) =>
    name.replaceAll(/(?:^|\s)(\w)/g, (_all, letter: string) => letter.toUpperCase());
  const names = Object.keys(document.components.schemas);
  const generators = ['client', 'Client', 'ClientOptions', 'Config', 'createClient'];
  generators.push('createConfig', 'mergeHeaders', 'Options', 'RequestOptions', 'RequestResult');
  expect(generators.filter((name) => names.includes(name))).toEqual([]);
  const taken = new Set([...names, ...generators]);
  for (const { operationId } of [...operations, ...webhooks]) {
    expect(taken.has(operationId), operationId).toBe(false);
    expect(taken.has(pascal(operationId)), operationId).toBe(false);
  }
  for (const { name } of document.tags as { name: string }[]) {
    expect(taken.has(pascal(name)), name).toBe(false);
  }
});

test('a downloaded document contains the URL of the API', () => {
  expect(document.servers[0].url).toBe(ORIGIN);
  const { clientCredentials } = document.components.securitySchemes.OAuth2.flows;
  expect(clientCredentials.tokenUrl).toBe(`${ORIGIN}/oauth2/token`);
});

test('the header parameters of webhooks have the names that Node.js gives to headers', () => {
  for (const { parameters = [] } of webhooks) {
    const names = parameters.map(({ name }) => name);
    expect(names).toEqual(names.map((name) => name.toLowerCase()));
  }
});

test('a schema with a format does not repeat the length that the format implies', () => {
  const implied = schemas.filter(([, { format }]) => format === 'uuid' || format === 'date-time');
  expect(implied.length).toBeGreaterThan(10);
  for (const [path, schema] of implied) {
    expect(schema, path).not.toHaveProperty('minLength');
    expect(schema, path).not.toHaveProperty('maxLength');
  }
});

describe('every pattern', () => {
  const patterns = [...new Set(schemas.flatMap(([, { pattern }]) => pattern ?? []))] as string[];

  test.each(patterns)('%j compiles in every common language', (pattern) => {
    expect(() => new RegExp(pattern, 'u')).not.toThrow();
    // Ruby and other users of Oniguruma read these as single bytes of an invalid character.
    expect(pattern).not.toMatch(/\\x[89a-f]/i);
    // Go does not support \u, Python does not support \p, Go and Rust support no look-around or back-references.
    expect(pattern).not.toMatch(/\\[uUpPkK]|\(\?[=!<]|\\[1-9]/);
  });
});
