import { Validator } from '@cfworker/json-schema';
import { expect } from 'vitest';
import { createApp } from '../../src/app.ts';
import { buildDocument } from '../../src/openapi/document.ts';
import { stillWorld } from './dependencies.ts';
import { expectProblem } from './problems.ts';

/** A body of a request or response, with what the document shows of it. */
export interface DocumentedMedia {
  readonly schema: object;
  readonly example?: unknown;
  readonly examples?: Record<string, { readonly value: unknown }>;
}

interface DocumentedResponse {
  readonly description: string;
  /** Each a reference to one of the document's components. */
  readonly headers?: Record<string, { readonly $ref: string }>;
  readonly content?: Record<string, DocumentedMedia>;
}

interface DocumentedParameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: object;
  readonly example?: unknown;
}

/** One operation of the document. */
export interface DocumentedOperation {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly security: Record<string, string[]>[];
  readonly parameters?: readonly DocumentedParameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: Record<string, DocumentedMedia>;
  };
  readonly responses: Record<string, DocumentedResponse>;
}

/** The document as it is served, built once for all tests. */
export const document = JSON.parse(
  JSON.stringify(buildDocument(createApp(stillWorld), { issuer: 'https://api.test' })),
);

/** A parameter, or the component that a reference to one leads to. */
function resolvedParameter(
  parameter: DocumentedParameter | { readonly $ref: string },
): DocumentedParameter {
  return '$ref' in parameter
    ? document.components.parameters[parameter.$ref.replace('#/components/parameters/', '')]
    : parameter;
}

/** Every operation of the document. */
export const operations: DocumentedOperation[] = Object.entries(
  document.paths as Record<string, Record<string, DocumentedOperation>>,
).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({
    ...operation,
    ...(operation.parameters && { parameters: operation.parameters.map(resolvedParameter) }),
    path,
    method: method.toUpperCase(),
  })),
);

/** `operationId status` of every answer that the tests have seen and checked. */
export const seen = new Set<string>();

const validators = new WeakMap<object, Validator>();
/** Headers that were held against their schemas: most are the same in most answers. */
const heldHeaders = new Set<string>();

/** Examples are data, not schemas: the validator would take their `id` for that of a schema. */
function withoutExamples(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === 'example' ? undefined : inner)));
}

const components = { schemas: withoutExamples(document.components.schemas) };

/** A validator of a schema of the document, with every format checked. */
export function validatorOf(schema: object): Validator {
  let validator = validators.get(schema);
  if (validator === undefined) {
    const root = { ...(withoutExamples(schema) as object), components };
    validator = new Validator(root, '2020-12', false);
    validators.set(schema, validator);
  }
  return validator;
}

const patterns = new Map(
  operations.map(({ path }) => {
    const pattern = path.replaceAll('.', '\\.').replaceAll(/\{[^}]+\}/g, '[^/]+');
    return [path, new RegExp(`^${pattern}$`)] as const;
  }),
);

function isAt({ path }: DocumentedOperation, pathname: string): boolean {
  return patterns.get(path)?.test(pathname) === true;
}

/** The operation that a request meets; HEAD answers as GET does. */
function operationOf(method: string, pathname: string): DocumentedOperation | undefined {
  const wanted = method === 'HEAD' ? 'GET' : method;
  return operations.find((operation) => operation.method === wanted && isAt(operation, pathname));
}

/** The header that a reference of a response leads to. */
function headerOf({ $ref }: { readonly $ref: string }): { readonly schema: object } {
  return document.components.headers[$ref.replace('#/components/headers/', '')];
}

/** Statuses that a request can meet before it is known to be one of an operation. */
const early = [405, 413, 500, 503];

/** Headers that the document lists and that an answer may lack: no limit that counts, no scope to name. */
function mayLack(header: string, { status }: Response): boolean {
  if (header === 'Link') {
    return early.includes(status);
  }
  if (
    header === 'Accept-Encoding' ||
    header === 'Idempotent-Replayed' ||
    header === 'RateLimit-Policy'
  ) {
    return true;
  }
  return header === 'WWW-Authenticate' && status === 403;
}

function expectHeaders(what: string, documented: DocumentedResponse, response: Response): void {
  for (const [header, reference] of Object.entries(documented.headers ?? {})) {
    const { schema } = headerOf(reference);
    const value = response.headers.get(header);
    if (value === null && mayLack(header, response)) {
      continue;
    }
    expect(value, `${what} lacks ${header}`).toBeTruthy();
    if (heldHeaders.has(`${header}: ${value}`)) {
      continue;
    }
    const isNumber = (schema as { type?: string }).type === 'integer';
    const { errors } = validatorOf(schema).validate(isNumber ? Number(value) : value);
    expect(errors, `${what}: ${header} breaks its schema`).toEqual([]);
    heldHeaders.add(`${header}: ${value}`);
  }
}

/** What the schema of a media type describes: each line of NDJSON, and any other body as a whole. */
function bodiesOf(type: string, text: string): unknown[] {
  if (type === 'application/x-ndjson') {
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }
  return [type.startsWith('text/') ? text : JSON.parse(text)];
}

async function expectResponse(
  what: string,
  documented: DocumentedResponse,
  request: Request,
  response: Response,
): Promise<void> {
  expect(response.headers.get('X-Request-Id'), `${what} lacks X-Request-Id`).toBeTruthy();
  const text = await response.clone().text();
  if (documented.content === undefined || request.method === 'HEAD') {
    expect(text, `${what} has a body`).toBe('');
    expectHeaders(what, documented, response);
    return;
  }
  const type = response.headers.get('content-type') ?? '';
  expect(Object.keys(documented.content), `${what} in ${type}`).toContain(type);
  const { schema } = documented.content[type] as DocumentedMedia;
  for (const body of bodiesOf(type, text)) {
    expect(validatorOf(schema).validate(body).errors, `${what} breaks its schema`).toEqual([]);
  }
  expectHeaders(what, documented, response);
}

/**
 * Holds an answer against what the document says of it. Answers of undocumented paths pass, if they
 * are no faulty problems. No operation answers a wrong method, so a 405 is held against each one of
 * the path: as it lists the status, or as its `default`.
 */
export async function expectDocumented(request: Request, response: Response): Promise<void> {
  await expectProblem(request, response);
  const { pathname } = new URL(request.url);
  const { status } = response;
  if (status === 405) {
    for (const operation of operations.filter((candidate) => isAt(candidate, pathname))) {
      const { 405: listed, default: otherwise } = operation.responses;
      const what = `${operation.operationId} ${listed ? 405 : 'default'}`;
      seen.add(what);
      await expectResponse(what, (listed ?? otherwise) as DocumentedResponse, request, response);
    }
    return;
  }
  const operation = operationOf(request.method, pathname);
  if (operation === undefined) {
    return;
  }
  const what = `${operation.operationId} ${status}`;
  const documented = operation.responses[status];
  expect(documented, `${what} is not documented`).toBeDefined();
  seen.add(what);
  await expectResponse(what, documented as DocumentedResponse, request, response);
}
