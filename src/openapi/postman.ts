import type { OpenAPIDocument } from './document.ts';
import { byTag, type Operation, type Parameter } from './read.ts';

const SCHEMA = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';
const FORM = 'application/x-www-form-urlencoded';

const exampleOf = ({ example, schema }: Parameter) =>
  String(example ?? schema?.example ?? schema?.default ?? '');

/** Parameters that an operation can do without are there, switched off. */
const optional = (parameter: Parameter) => ({
  key: parameter.name,
  value: exampleOf(parameter),
  description: parameter.description ?? '',
  disabled: parameter.required !== true,
});

function urlOf({ path, parameters }: Operation) {
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const steps = path
    .slice(1)
    .split('/')
    .map((step) => step.replace(/^\{(.+)\}$/, ':$1'));
  return {
    raw: `{{baseUrl}}/${steps.join('/')}`,
    host: ['{{baseUrl}}'],
    path: steps,
    query: parameters.filter((parameter) => parameter.in === 'query').map(optional),
    variable: inPath.map((parameter) => ({ key: parameter.name, value: exampleOf(parameter) })),
  };
}

function bodyOf({ requestBody }: Operation) {
  const json = requestBody?.content['application/json']?.example;
  const form = requestBody?.content[FORM]?.example as Record<string, string> | undefined;
  if (json !== undefined) {
    const raw = JSON.stringify(json, null, 2);
    return { mode: 'raw', raw, options: { raw: { language: 'json' } } };
  }
  if (form === undefined) {
    return undefined;
  }
  const fields = Object.entries(form).map(([key, value]) => ({
    key,
    value: /^client_/.test(key) ? `{{${key}}}` : value,
    type: 'text',
  }));
  return { mode: 'urlencoded', urlencoded: fields };
}

function itemOf(operation: Operation) {
  const { method, summary, description, security, parameters, operationId } = operation;
  const withCredentials = security.length > 0;
  const body = bodyOf(operation);
  const header = [
    ...(withCredentials ? [{ key: 'x-api-key', value: '{{api_key}}' }] : []),
    ...(body?.mode === 'raw' ? [{ key: 'Content-Type', value: 'application/json' }] : []),
    ...parameters.filter((parameter) => parameter.in === 'header').map(optional),
  ];
  const bearer = [{ key: 'token', value: '{{access_token}}', type: 'string' }];
  const auth = withCredentials ? { type: 'bearer', bearer } : { type: 'noauth' };
  const keepToken = {
    listen: 'test',
    script: {
      type: 'text/javascript',
      exec: ["pm.collectionVariables.set('access_token', pm.response.json().access_token);"],
    },
  };
  return {
    name: summary,
    ...(operationId === 'createToken' && { event: [keepToken] }),
    request: { method, description, header, auth, url: urlOf(operation), ...(body && { body }) },
    response: [],
  };
}

/**
 * The document as a Postman collection (v2.1). Fill in three variables, send "Get an access token",
 * and every other request carries the token.
 *
 * @param origin the address of this deployment.
 */
export function toPostman(document: OpenAPIDocument, origin: string): object {
  const variables = { baseUrl: origin, client_id: '', client_secret: '', api_key: '' };
  return {
    info: {
      name: document.info.title,
      description: document.info.description,
      version: document.info.version,
      schema: SCHEMA,
    },
    variable: Object.entries({ ...variables, access_token: '' }).map(([key, value]) => ({
      key,
      value,
      type: 'string',
    })),
    item: byTag(document).map(({ name, description, operations }) => ({
      name,
      description,
      item: operations.map(itemOf),
    })),
  };
}
