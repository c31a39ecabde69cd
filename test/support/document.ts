import { env } from 'cloudflare:workers';
import { Validator } from '@cfworker/json-schema';
import { expect } from 'vitest';
import { buildDocumentWithSamples } from '../../scripts/build/document.ts';
import { operationsOf, webhooksOf } from '../../scripts/build/forms/read.ts';
import { createApp } from '../../src/app.ts';
import { stillWorld } from './dependencies.ts';
import { expectProblem } from './problems.ts';
import { textOf } from './texts.ts';

/** The schema and the examples of a request or response body in the OpenAPI document. */
export interface DocumentedMedia {
  readonly schema: object;
  readonly example?: unknown;
  readonly examples?: Record<string, { readonly value: unknown }>;
}

interface DocumentedResponse {
  readonly description: string;
  /** References to header components of the document. */
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

/** An operation of the OpenAPI document. */
export interface DocumentedOperation {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly 'x-max-body-bytes'?: number;
  readonly security: Record<string, string[]>[];
  readonly parameters?: readonly DocumentedParameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: Record<string, DocumentedMedia>;
  };
  readonly responses: Record<string, DocumentedResponse>;
}

const built = buildDocumentWithSamples(
  createApp(stillWorld),
  { issuer: 'https://api.test' },
  env.GUIDES,
);

/** The OpenAPI document as it is served. It is built once for all tests. */
export const document = JSON.parse(JSON.stringify(built.document));

/** The code samples of each operation, by its `operationId`. */
export const { samples } = built;

/** Every operation of the document, with its parameters, responses and examples resolved. */
export const operations = operationsOf(document) as never as DocumentedOperation[];

/** Every webhook of the document: the request that a receiver gets, with its parameters resolved. */
export const webhooks = webhooksOf(document) as never as DocumentedOperation[];

/** `operationId status` of every response that the tests received and checked. */
export const seen = new Set<string>();

const validators = new WeakMap<object, Validator>();
/** Header values that were already validated. Most responses have the same ones. */
const validatedHeaders = new Set<string>();

/** Removes the examples of a schema, because the validator would read an `id` in an example as a schema id. */
function withoutExamples(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === 'example' ? undefined : inner)));
}

const components = { schemas: withoutExamples(document.components.schemas) };

/** Returns the validator of a schema of the document, which also checks formats. */
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

/** Returns the operation of a request. A HEAD request has the operation of GET. */
function operationOf(method: string, pathname: string): DocumentedOperation | undefined {
  const wanted = method === 'HEAD' ? 'GET' : method;
  return operations.find((operation) => operation.method === wanted && isAt(operation, pathname));
}

/** Returns the header component of a reference. */
function headerOf({ $ref }: { readonly $ref: string }): { readonly schema: object } {
  return document.components.headers[$ref.replace('#/components/headers/', '')];
}

/** Statuses of responses that can be sent before the operation of a request is known. */
const early = [405, 413, 500, 503];

/** Returns whether a response can lack a documented header, for example if no rate limit applies. */
function mayLack(header: string, { status }: Response): boolean {
  if (header === 'Link') {
    return early.includes(status);
  }
  if (
    header === 'Accept-Encoding' ||
    header === 'Idempotent-Replayed' ||
    header === 'RateLimit-Policy' ||
    header === 'x-d1-bookmark'
  ) {
    return true;
  }
  return header === 'WWW-Authenticate' && status === 403;
}

function expectHeaders(what: string, documented: DocumentedResponse, response: Response): void {
  if (response.headers.has('x-d1-bookmark')) {
    expect(documented.headers, `${what} has a bookmark`).toHaveProperty('x-d1-bookmark');
  }
  for (const [header, reference] of Object.entries(documented.headers ?? {})) {
    const { schema } = headerOf(reference);
    const value = response.headers.get(header);
    if (value === null && mayLack(header, response)) {
      continue;
    }
    expect(value, `${what} lacks ${header}`).toBeTruthy();
    if (validatedHeaders.has(`${header}: ${value}`)) {
      continue;
    }
    const isNumber = (schema as { type?: string }).type === 'integer';
    const { errors } = validatorOf(schema).validate(isNumber ? Number(value) : value);
    expect(errors, `${what}: ${header} does not match its schema`).toEqual([]);
    validatedHeaders.add(`${header}: ${value}`);
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
  const text = await textOf(response.clone());
  if (documented.content === undefined || request.method === 'HEAD') {
    expect(text, `${what} has a body`).toBe('');
    expectHeaders(what, documented, response);
    return;
  }
  const type = response.headers.get('content-type') ?? '';
  expect(Object.keys(documented.content), `${what} in ${type}`).toContain(type);
  const { schema } = documented.content[type] as DocumentedMedia;
  for (const body of bodiesOf(type, text)) {
    const { errors } = validatorOf(schema).validate(body);
    expect(errors, `${what} does not match its schema`).toEqual([]);
  }
  expectHeaders(what, documented, response);
}

/** Compares the headers and the body of a webhook with the OpenAPI document. */
export function expectDocumentedWebhook(headers: Record<string, string>, body: string): void {
  const message = JSON.parse(body) as { readonly type: string };
  const webhook = webhooks.find(({ path }) => path === message.type);
  const media = webhook?.requestBody?.content['application/json'];
  expect(media, `the webhook ${message.type} is not documented`).toBeDefined();
  expect(validatorOf(media?.schema ?? {}).validate(message).errors).toEqual([]);
  for (const { name, schema } of webhook?.parameters ?? []) {
    expect(validatorOf(schema).validate(headers[name]).errors, name).toEqual([]);
  }
}

/**
 * Compares a response with the OpenAPI document. On an undocumented path only problems are checked. A 405
 * belongs to no operation, so it is compared with every operation of the path: with the listed status, or
 * with `default`.
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
