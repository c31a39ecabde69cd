import type { OpenAPIDocument } from '../../../../src/openapi/document.ts';
import { byTag, type Operation } from '../read.ts';
import { pathVariables } from '../sample-variables.ts';
import { itemsOf } from './item.ts';
import {
  ACCESS_TOKEN,
  etagOf,
  lastParameterOf,
  namedScopes,
  tokenOf,
  variableOf,
} from './variables.ts';

/**
 * Converts the document to a Postman collection. The project does not use `openapi-to-postmanv2`, because
 * that library has no notion of order: it passes no ids and entity tags from one request to the next and
 * requests only one token, so a run from top to bottom fails at the second request.
 */

const SCHEMA = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';
const TOKEN_OPERATION = 'createToken';

/**
 * The operations that run right before another one, because that one consumes what they create. Nothing is
 * left for a deletion afterwards.
 */
const preparations: Readonly<Record<string, readonly string[]>> = {
  pickUpPreparedTicket: ['createPreparedTicket', 'putProductLine'],
};

/** Returns the rank of a request in its folder. Each one finds what it needs; deletions come last. */
function rankOf({ method, path, operationId }: Operation): number {
  if (operationId === TOKEN_OPERATION) {
    return -1;
  }
  const isOfOne = lastParameterOf(path) !== undefined;
  const isCreation = !isOfOne || operationId in preparations;
  const ranks = { GET: isOfOne ? 3 : 0, POST: isCreation ? 1 : 4, PUT: 2 };
  return ranks[method as keyof typeof ranks] ?? 5;
}

/** The operations that create, read and delete the resource that a path parameter identifies. */
interface Life {
  readonly create: Operation;
  readonly read: Operation;
  readonly remove: Operation;
}

function lifeOf(parameter: string, operations: readonly Operation[]): Life | undefined {
  const remove = operations.find(
    ({ method, path }) => method === 'DELETE' && path.endsWith(`/{${parameter}}`),
  );
  const collection = remove?.path.replace(`/{${parameter}}`, '');
  const create = operations.find(({ method, path }) => method === 'POST' && path === collection);
  const read = operations.find(({ method, path }) => method === 'GET' && path === remove?.path);
  return create && read && remove && { create, read, remove };
}

/** Returns the operations that run right before an operation. */
function preparationsOf({ operationId }: Operation, all: readonly Operation[]): Operation[] {
  const names = preparations[operationId] ?? [];
  return names.map((name) => all.find((other) => other.operationId === name) as Operation);
}

/**
 * Returns the operations of a folder in their order. Resources that only operations of other folders
 * create are created before them and deleted after them. A deletion sends the entity tag, which a line that was
 * written changed, so it follows a read.
 */
function folderOf(own: readonly Operation[], all: readonly Operation[]): Operation[] {
  const lives = Object.keys(pathVariables)
    .filter((parameter) =>
      own.some(
        ({ path, operationId }) =>
          path.includes(`{${parameter}}`) && !(operationId in preparations),
      ),
    )
    .map((parameter) => lifeOf(parameter, all))
    .filter((life) => life !== undefined && !own.includes(life.create)) as Life[];
  return [
    ...lives.map(({ create }) => create),
    ...own
      .toSorted((one, other) => rankOf(one) - rankOf(other))
      .flatMap((operation) => [...preparationsOf(operation, all), operation]),
    ...lives.flatMap(({ read, remove }) => [read, remove]),
  ];
}

/** Returns every variable that the requests use, with its initial value. */
function variablesOf(operations: readonly Operation[], origin: string): object[] {
  const parameters = operations
    .flatMap((operation) => operation.parameters)
    .filter((parameter) => parameter.in === 'path');
  const values = {
    ...{ baseUrl: origin, client_id: '', client_secret: '', api_key: '' },
    [ACCESS_TOKEN]: '',
    cursor: '',
    ...Object.fromEntries(namedScopes.map((scope) => [tokenOf(scope), ''])),
    ...Object.fromEntries(
      parameters.flatMap(({ name, example, schema }) => [
        [variableOf(name), name in pathVariables ? '' : (example ?? schema?.example)],
        [etagOf(name), ''],
      ]),
    ),
  };
  return Object.entries(values).map(([key, value]) => ({ key, value, type: 'string' }));
}

/**
 * Returns the document as a Postman collection (v2.1) that runs from top to bottom. The reader sets three
 * variables: `client_id`, `client_secret` and `api_key`.
 *
 * @param origin the base URL of this deployment, without a trailing slash.
 */
export function toPostman(document: OpenAPIDocument, origin: string): object {
  const tags = byTag(document);
  const all = tags.flatMap(({ operations }) => operations);
  const isToken = ({ operationId }: Operation) => operationId === TOKEN_OPERATION;
  const first = tags.filter(({ operations }) => operations.some(isToken));
  const folders = [...first, ...tags.filter((tag) => !first.includes(tag))];
  const { title: name, description, version } = document.info;
  return {
    info: { name, description, version, schema: SCHEMA },
    variable: variablesOf(all, origin),
    item: folders.map((folder) => ({
      name: folder.name,
      description: folder.description,
      item: folderOf(folder.operations, all).flatMap((operation) => itemsOf(document, operation)),
    })),
  };
}
