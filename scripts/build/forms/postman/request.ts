import type { Operation, Parameter } from '../read.ts';
import { bodyVariables } from '../sample-variables.ts';
import { etagOf, lastParameterOf, tokenOf, variableOf } from './variables.ts';

const FORM = 'application/x-www-form-urlencoded';

const exampleOf = ({ example, schema }: Parameter) =>
  String(example ?? schema?.example ?? schema?.default ?? '');

/** Returns a parameter. An optional one is listed, but disabled. */
const optional = (parameter: Parameter) => ({
  key: parameter.name,
  value: exampleOf(parameter),
  description: parameter.description ?? '',
  disabled: parameter.required !== true,
});

function urlOf({ path, parameters }: Operation) {
  const steps = path
    .slice(1)
    .split('/')
    .map((step) => step.replace(/^\{(.+)\}$/, ':$1'));
  return {
    raw: `{{baseUrl}}/${steps.join('/')}`,
    host: ['{{baseUrl}}'],
    path: steps,
    query: parameters.filter((parameter) => parameter.in === 'query').map(optional),
    variable: parameters
      .filter((parameter) => parameter.in === 'path')
      .map(({ name }) => ({ key: name, value: `{{${variableOf(name)}}}` })),
  };
}

/** Returns a member of a JSON body, or the variable of the collection for it. */
function filledMember(name: string, value: unknown): unknown {
  const variable = bodyVariables[name];
  return variable === undefined ? value : `{{${variable.toLowerCase()}}}`;
}

function bodyOf({ requestBody }: Operation, form: Readonly<Record<string, string>>) {
  const json = requestBody?.content['application/json']?.example;
  if (json !== undefined) {
    const raw = JSON.stringify(json, (name, value) => filledMember(name, value), 2);
    return { mode: 'raw', raw, options: { raw: { language: 'json' } } };
  }
  const example = requestBody?.content[FORM]?.example as Record<string, string> | undefined;
  if (example === undefined) {
    return undefined;
  }
  const fields = Object.entries({ ...example, ...form }).map(([key, value]) => ({
    key,
    value: /^client_/.test(key) ? `{{${key}}}` : value,
    type: 'text',
  }));
  return { mode: 'urlencoded', urlencoded: fields };
}

/**
 * Returns a header parameter. Each request gets a new idempotency key. An update or deletion sends the
 * entity tag of its resource, unless the operation can also create the resource.
 */
function headerOf(parameter: Parameter, { method, path, responses }: Operation) {
  const one = lastParameterOf(path);
  const header = optional(parameter);
  if (parameter.name === 'Idempotency-Key') {
    return { ...header, value: '"{{$guid}}"', disabled: false };
  }
  if (parameter.name === 'If-Match' && one !== undefined) {
    const isChange = ['PUT', 'DELETE'].includes(method) && !('201' in responses);
    return { ...header, value: `{{${etagOf(one)}}}`, disabled: !isChange };
  }
  return header;
}

/**
 * Returns the request of an operation in the format of Postman.
 *
 * @param form fields of the form in addition to those of the example.
 */
export function requestOf(operation: Operation, form: Readonly<Record<string, string>>): object {
  const { method, description, security, parameters } = operation;
  const [requirement] = security;
  const body = bodyOf(operation, form);
  const header = [
    ...(requirement ? [{ key: 'x-api-key', value: '{{api_key}}' }] : []),
    ...(body?.mode === 'raw' ? [{ key: 'Content-Type', value: 'application/json' }] : []),
    ...parameters
      .filter((parameter) => parameter.in === 'header')
      .map((parameter) => headerOf(parameter, operation)),
  ];
  const token = `{{${tokenOf(requirement?.OAuth2?.[0])}}}`;
  const auth = requirement
    ? { type: 'bearer', bearer: [{ key: 'token', value: token, type: 'string' }] }
    : { type: 'noauth' };
  return { method, description, header, auth, url: urlOf(operation), ...(body && { body }) };
}
