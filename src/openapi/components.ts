/**
 * Moves the responses, parameters and examples that recur in the operations of a document to its
 * components, so that the document contains each of them once. The names of components depend only on
 * the document. The first component with a name gets the plain name; a later one gets a suffix with the
 * first operation that uses it (`NotFoundOfGetProductLine`).
 */

type Node = Record<string, unknown>;

/** The parts of a document that this module reads and changes. */
interface SharedDocument {
  readonly paths?: object;
  components?: object;
}

/** A place in the document that contains a node or a reference to a component. */
interface Place {
  readonly parent: Node;
  readonly key: string;
  /** The name of the component, unless another component already has it. */
  readonly name: string;
  readonly operationId: string;
}

/** The component names of statuses. */
const STATUS_NAMES: Readonly<Record<string, string>> = {
  200: 'Ok',
  201: 'Created',
  202: 'Accepted',
  204: 'NoContent',
  304: 'NotModified',
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  412: 'PreconditionFailed',
  413: 'ContentTooLarge',
  415: 'UnsupportedMediaType',
  422: 'UnprocessableContent',
  429: 'TooManyRequests',
  500: 'InternalServerError',
  503: 'ServiceUnavailable',
  default: 'AnyOther',
};

/**
 * Returns the component name of a status.
 *
 * @throws Error if `STATUS_NAMES` lacks the status.
 */
function nameOfStatus(status: string): string {
  const name = STATUS_NAMES[status];
  if (name === undefined) {
    throw new Error(`src/openapi/components.ts has no name for the status ${status}`);
  }
  return name;
}

const isReference = (node: unknown) => typeof node === 'object' && node !== null && '$ref' in node;

const textOf = ({ parent, key }: Place) => JSON.stringify(parent[key]);

/** Replaces each node that occurs at two or more of the places with a reference to one component. */
function share(
  document: SharedDocument,
  kind: 'examples' | 'parameters' | 'responses',
  places: readonly Place[],
): void {
  document.components ??= {};
  const components = document.components as Record<string, Node>;
  components[kind] ??= {};
  const shared = components[kind];
  const inline = places.filter(({ parent, key }) => !isReference(parent[key]));
  for (const [first, ...others] of Map.groupBy(inline, textOf).values()) {
    if (first === undefined || others.length === 0) {
      continue;
    }
    const { parent, key, name, operationId } = first;
    const suffix = `Of${operationId.charAt(0).toUpperCase()}${operationId.slice(1)}`;
    const component = name in shared ? name + suffix : name;
    if (component in shared) {
      throw new Error(`Two ${kind} of ${operationId} have the name ${component}`);
    }
    shared[component] = parent[key];
    for (const place of [first, ...others]) {
      place.parent[place.key] = { $ref: `#/components/${kind}/${component}` };
    }
  }
}

interface NamedOperation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name?: string }[];
  readonly responses: Node;
}

function parametersOf({ operationId, parameters = [] }: NamedOperation): Place[] {
  const parent = parameters as unknown as Node;
  return parameters.map(({ name = '' }, i) => ({ parent, key: String(i), name, operationId }));
}

function responsesOf({ operationId, responses: parent }: NamedOperation): Place[] {
  return Object.keys(parent).map((status) => ({
    ...{ parent, key: status, name: nameOfStatus(status), operationId },
  }));
}

/** Returns the places of the examples of a response, for all its media types. */
function examplesOf(response: Node, operationId: string): Place[] {
  const content = (response.content ?? {}) as Record<string, { readonly examples?: Node }>;
  return Object.values(content).flatMap(({ examples: parent = {} }) =>
    Object.keys(parent).map((name) => ({ parent, key: name, name, operationId })),
  );
}

/**
 * Moves recurring parameters, responses and examples of responses to the components of a document.
 *
 * @param document the document, which is changed. No two of its nodes may be the same object.
 */
export function shareComponents(document: SharedDocument): void {
  const operations = Object.values(document.paths ?? {}).flatMap((item) =>
    Object.values(item as Record<string, NamedOperation>),
  );
  share(document, 'parameters', operations.flatMap(parametersOf));
  const responses = operations.flatMap(responsesOf);
  // The examples must be collected before the responses move. Of equal responses, only the first is
  // needed, because it becomes the component.
  const distinct = [...Map.groupBy(responses, textOf).values()].map(([first]) => first as Place);
  const examples = distinct.flatMap(({ parent, key, operationId }) =>
    examplesOf(parent[key] as Node, operationId),
  );
  share(document, 'responses', responses);
  share(document, 'examples', examples);
}
