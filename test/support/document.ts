import { Validator } from '@cfworker/json-schema';
import { expect } from 'vitest';
import { createApp } from '../../src/app.ts';
import { buildDocument } from '../../src/openapi/document.ts';

interface DocumentedResponse {
  description: string;
  headers?: Record<string, unknown>;
  content?: Record<string, { schema: object }>;
}

/** One operation of the document. */
export interface DocumentedOperation {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly security: Record<string, string[]>[];
  readonly responses: Record<string, DocumentedResponse>;
}

/** The document as it is served, built once for all tests. */
export const document = JSON.parse(
  JSON.stringify(buildDocument(createApp({ now: () => 0, newId: () => '' }))),
);

/** Every operation of the document. */
export const operations: DocumentedOperation[] = Object.entries(
  document.paths as Record<string, Record<string, DocumentedOperation>>,
).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({
    ...operation,
    path,
    method: method.toUpperCase(),
  })),
);

/** `operationId status` of every answer that the tests have seen and checked. */
export const seen = new Set<string>();

const validators = new Map<string, Validator>();

/** Examples are data, not schemas: the validator would take their `id` for that of a schema. */
function withoutExamples(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === 'example' ? undefined : inner)));
}

const components = { schemas: withoutExamples(document.components.schemas) };

/** A validator of a schema of the document, with every format checked. */
export function validatorOf(schema: object): Validator {
  const text = JSON.stringify(schema);
  let validator = validators.get(text);
  if (validator === undefined) {
    const root = { ...(withoutExamples(schema) as object), components };
    validator = new Validator(root, '2020-12', false);
    validators.set(text, validator);
  }
  return validator;
}

/** The operation that a request meets; HEAD answers as GET does. */
export function operationOf(method: string, pathname: string): DocumentedOperation | undefined {
  const wanted = method === 'HEAD' ? 'GET' : method;
  return operations.find(
    (operation) =>
      operation.method === wanted &&
      new RegExp(`^${operation.path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`).test(pathname),
  );
}

/** Holds an answer against what the document says of it. Answers of undocumented paths pass. */
export async function expectDocumented(request: Request, response: Response): Promise<void> {
  const operation = operationOf(request.method, new URL(request.url).pathname);
  if (operation === undefined) {
    return;
  }
  const what = `${operation.operationId} ${response.status}`;
  const documented = operation.responses[response.status];
  expect(documented, `${what} is not documented`).toBeDefined();
  seen.add(what);
  for (const header of ['X-Request-Id']) {
    expect(response.headers.get(header), `${what} lacks ${header}`).toBeTruthy();
  }
  if (documented?.content === undefined || request.method === 'HEAD') {
    expect(await response.clone().text(), `${what} has a body`).toBe('');
    return;
  }
  const type = response.headers.get('content-type') ?? '';
  expect(Object.keys(documented.content), `${what} in ${type}`).toContain(type);
  const { schema } = documented.content[type] as { schema: object };
  const result = validatorOf(schema).validate(await response.clone().json());
  expect(result.errors, `${what} breaks its schema`).toEqual([]);
}
