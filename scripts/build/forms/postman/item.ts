import type { OpenAPIDocument } from '../../../../src/openapi/document.ts';
import type { Operation } from '../read.ts';
import { pathVariables } from '../sample-variables.ts';
import { requestOf } from './request.ts';
import {
  ACCESS_TOKEN,
  etagOf,
  lastParameterOf,
  namedScopes,
  tokenOf,
  variableOf,
} from './variables.ts';

/**
 * Returns the saved responses of an operation in the format of Postman: one for each example in the
 * document, and one for each status without a body.
 *
 * @param originalRequest the request that Postman shows with each response.
 */
function responsesOf({ responses }: Operation, originalRequest: object): object[] {
  return Object.entries(responses)
    .filter(([status]) => status !== 'default')
    .flatMap(([status, { description, content = {} }]): object[] => {
      const saved = { originalRequest, code: Number(status) };
      const withBodies = Object.entries(content).flatMap(([type, { example, examples = {} }]) => {
        const shown = example === undefined ? examples : { example: { value: example } };
        return Object.values(shown).map(({ summary, value }) => ({
          name: `${status} ${summary ?? description}`,
          ...saved,
          header: [{ key: 'Content-Type', value: type }],
          _postman_previewlanguage: typeof value === 'string' ? 'text' : 'json',
          body: typeof value === 'string' ? value : JSON.stringify(value, null, 2),
        }));
      });
      const without = { name: `${status} ${description}`, ...saved, header: [], body: '' };
      return Object.keys(content).length === 0 ? [without] : withBodies;
    });
}

/** The parameters of resources that operations create under another path than their own. */
const createdElsewhere: Readonly<Record<string, string>> = { pickUpPreparedTicket: 'ticket-id' };

/** Returns the parameter that identifies the resource that a POST creates, or undefined if it creates none. */
function createdAt(
  document: OpenAPIDocument,
  { method, path, operationId }: Operation,
): string | undefined {
  if (operationId in createdElsewhere) {
    return createdElsewhere[operationId];
  }
  const created = Object.keys(document.paths ?? {}).find(
    (other) => other.startsWith(`${path}/{`) && other.lastIndexOf('/') === path.length,
  );
  return method === 'POST' && created !== undefined ? lastParameterOf(created) : undefined;
}

/** Returns the lines of a test script, which checks the status and sets variables for later requests. */
function scriptOf(document: OpenAPIDocument, operation: Operation, token: string): string[] {
  const successes = Object.keys(operation.responses).filter((status) => /^2/.test(status));
  const created = createdAt(document, operation);
  const one = created ?? lastParameterOf(operation.path);
  const hasTag = successes.some((status) => 'ETag' in (operation.responses[status]?.headers ?? {}));
  const set = (name: string, value: string) => `pm.collectionVariables.set('${name}', ${value});`;
  return [
    `pm.test('Status is ${successes.join(' or ')}', () => pm.expect(pm.response.code).to.be.oneOf([${successes.join(', ')}]));`,
    ...(operation.operationId === 'createToken'
      ? [set(token, 'pm.response.json().access_token')]
      : []),
    ...(operation.operationId === 'listEvents' ? [set('cursor', 'pm.response.json().next')] : []),
    ...(created !== undefined && created in pathVariables
      ? [set(variableOf(created), 'pm.response.json().id')]
      : []),
    ...(hasTag && one !== undefined ? [set(etagOf(one), "pm.response.headers.get('ETag')")] : []),
  ];
}

function item(
  document: OpenAPIDocument,
  operation: Operation,
  name: string,
  token: string,
  form: Readonly<Record<string, string>> = {},
): object {
  const exec = scriptOf(document, operation, token);
  const request = requestOf(operation, form);
  return {
    name,
    event: [{ listen: 'test', script: { type: 'text/javascript', exec } }],
    request,
    response: responsesOf(operation, request),
  };
}

/**
 * Returns the request of an operation, with the example responses of the document. That for a token is followed by
 * one for each scope that a request must name.
 */
export function itemsOf(document: OpenAPIDocument, operation: Operation): object[] {
  const { summary, operationId } = operation;
  const scopes = operationId === 'createToken' ? namedScopes : [];
  return [
    item(document, operation, summary, ACCESS_TOKEN),
    ...scopes.map((scope) =>
      item(document, operation, `${summary} with ${scope}`, tokenOf(scope), { scope }),
    ),
  ];
}
