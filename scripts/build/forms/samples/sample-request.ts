import type { Operation } from '../read.ts';
import { bodyVariables, ETAG, pathVariables, tokenVariable } from '../sample-variables.ts';

/**
 * A text that contains variables such as `$TOKEN`, which each language writes in its own way. Credentials
 * are variables of the environment, so that a sample runs unchanged and no secret is pasted into code.
 */
export type Template = string;

/** The request that a code sample sends. */
export interface SampleRequest {
  /** In upper case. */
  readonly method: string;
  readonly url: Template;
  readonly headers: readonly (readonly [name: string, value: Template])[];
  /** The JSON body. A text that is the name of a body variable after a `$` stands for that variable. */
  readonly json?: object;
  /** The fields of a URL-encoded form. */
  readonly form?: readonly (readonly [name: string, value: Template])[];
  /** The type of the body of a successful response; undefined if it has none. */
  readonly responseType: 'json' | 'text' | undefined;
}

/** The variable for the idempotency key, which samples replace with a new value for each request. */
export const NEW_KEY = 'NEW_KEY';

/** The parts of an operation that a sample depends on. */
export type SampledOperation = Pick<
  Operation,
  'path' | 'method' | 'security' | 'parameters' | 'requestBody' | 'responses'
>;

const FORM = 'application/x-www-form-urlencoded';
const secrets: Record<string, Template> = {
  client_id: '$CLIENT_ID',
  client_secret: '$CLIENT_SECRET',
};

/** Returns the path, with variables or example values, and the query parameters that have a default. */
function target({ path, parameters }: SampledOperation): Template {
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

/** Returns a JSON body in which the members that have a variable name it. */
function withBodyVariables(body: object): object {
  const members = Object.entries(body).map(([member, value]) => {
    const variable = bodyVariables[member];
    return [member, variable === undefined ? value : `$${variable}`] as const;
  });
  return Object.fromEntries(members);
}

/** Returns the type of the body of a successful response. */
function responseTypeOf({ responses }: SampledOperation): SampleRequest['responseType'] {
  const types = Object.entries(responses).flatMap(([status, { content = {} }]) =>
    status.startsWith('2') ? Object.keys(content) : [],
  );
  if (types.length === 0) {
    return undefined;
  }
  return types.includes('application/json') ? 'json' : 'text';
}

/**
 * Returns the request that the code samples of an operation send.
 *
 * @param origin the base URL of this deployment, without a trailing slash.
 */
export function sampleRequest(origin: string, operation: SampledOperation): SampleRequest {
  const { method, security, parameters, requestBody } = operation;
  const headers: [string, Template][] = [];
  if (security.length > 0) {
    const token = tokenVariable(security[0]?.OAuth2?.[0]);
    headers.push(['Authorization', `Bearer $${token}`], ['x-api-key', '$API_KEY']);
  }
  // A rotation overwrites nothing that someone else could have changed, so it needs no If-Match.
  if (
    ['PUT', 'DELETE'].includes(method) &&
    parameters.some(({ name }) => name === 'If-Match') &&
    // The variable holds the tag of what another variable names.
    parameters.some(({ name }) => name in pathVariables)
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
    method,
    url: origin + target(operation),
    headers,
    ...(json && { json: withBodyVariables(json) }),
    ...(form && {
      form: Object.entries(form).map(([name, value]) => [name, secrets[name] ?? value] as const),
    }),
    responseType: responseTypeOf(operation),
  };
}
