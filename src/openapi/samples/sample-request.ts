import { ETAG, pathVariables, tokenVariable } from './variables.ts';

/**
 * A text that names variables as `$TOKEN`; each language writes it in its own way. Credentials come
 * from the environment, so that a sample runs as it stands and nobody pastes a secret into code.
 */
export type Template = string;

/** What a code sample sends, read from the document. */
export interface SampleRequest {
  /** In upper case. */
  readonly method: string;
  readonly url: Template;
  readonly headers: readonly (readonly [name: string, value: Template])[];
  /** A body in JSON. */
  readonly json?: object;
  /** A form, sent URL-encoded. */
  readonly form?: readonly (readonly [name: string, value: Template])[];
  /** What the body of a success is; undefined when it has none. */
  readonly answers: 'json' | 'text' | undefined;
}

/** A text that is new with each request: the key of an idempotent POST. */
export const NEW_KEY = 'NEW_KEY';

interface Media {
  readonly example?: unknown;
}

/** The parts of an operation that a sample is made from, as the document has them. */
export interface SampledOperation {
  readonly security?: readonly Record<string, readonly string[]>[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly example?: unknown;
    readonly schema?: { readonly default?: unknown; readonly example?: unknown };
  }[];
  readonly requestBody?: { readonly content: Record<string, Media> };
  readonly responses: Record<string, { readonly content?: object }>;
}

const FORM = 'application/x-www-form-urlencoded';
const secrets: Record<string, Template> = {
  client_id: '$CLIENT_ID',
  client_secret: '$CLIENT_SECRET',
};

/** The path with its variables or examples, and each query parameter that has a default at it. */
function target(path: string, { parameters = [] }: SampledOperation): Template {
  const query = new URLSearchParams();
  let filled = path;
  for (const parameter of parameters) {
    const { name, schema } = parameter;
    const example = parameter.example ?? schema?.example ?? name;
    if (parameter.in === 'path') {
      const variable = pathVariables[name];
      const step = variable === undefined ? encodeURIComponent(String(example)) : `$${variable}`;
      filled = filled.replace(`{${name}}`, () => step);
    }
    if (parameter.in === 'query' && schema?.default !== undefined) {
      query.set(name, String(schema.default));
    }
  }
  return query.size > 0 ? `${filled}?${query}` : filled;
}

function answersOf({ responses }: SampledOperation): SampleRequest['answers'] {
  const types = Object.entries(responses).flatMap(([status, { content = {} }]) =>
    status.startsWith('2') ? Object.keys(content) : [],
  );
  if (types.length === 0) {
    return undefined;
  }
  return types.includes('application/json') ? 'json' : 'text';
}

/** @param origin the address of this deployment. */
export function sampleRequest(
  origin: string,
  path: string,
  method: string,
  operation: SampledOperation,
): SampleRequest {
  const { security = [], parameters = [], requestBody } = operation;
  const headers: [string, Template][] = [];
  if (security.length > 0) {
    const token = tokenVariable(security[0]?.OAuth2?.[0]);
    headers.push(['Authorization', `Bearer $${token}`], ['x-api-key', '$API_KEY']);
  }
  // A rotation has no state that somebody else could have changed in between.
  if (
    (method === 'put' || method === 'delete') &&
    parameters.some(({ name }) => name === 'If-Match')
  ) {
    headers.push(['If-Match', `$${ETAG}`]);
  }
  if (parameters.some(({ name }) => name === 'Idempotency-Key')) {
    headers.push(['Idempotency-Key', `"$${NEW_KEY}"`]);
  }
  const json = requestBody?.content['application/json']?.example as object | undefined;
  const form = requestBody?.content[FORM]?.example as Record<string, string> | undefined;
  if (json) {
    headers.push(['Content-Type', 'application/json']);
  }
  return {
    method: method.toUpperCase(),
    url: origin + target(path, operation),
    headers,
    ...(json && { json }),
    ...(form && {
      form: Object.entries(form).map(([name, value]) => [name, secrets[name] ?? value] as const),
    }),
    answers: answersOf(operation),
  };
}
