import type { OpenAPIDocument } from '../../../src/openapi/document.ts';
import type { OwnLimit } from '../../../src/policy.ts';

/** The parts of a schema that the other formats of the document use. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly example?: unknown;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly example?: unknown;
  readonly schema?: Schema;
}

export interface Media {
  readonly schema?: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<
    Record<string, { readonly summary?: string; readonly value: unknown }>
  >;
}

/** A response of an operation. */
export interface DocumentedResponse {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description?: string }>>;
  readonly content?: Readonly<Record<string, Media>>;
}

/** A member of `x-codeSamples`, which documentation tools show beside an operation. */
export interface CodeSample {
  readonly lang: string;
  readonly label: string;
  readonly source: string;
}

export interface Operation {
  readonly path: string;
  /** In upper case. */
  readonly method: string;
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly deprecated?: boolean;
  readonly security: readonly Record<string, readonly string[]>[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly description?: string;
    readonly content: Readonly<Record<string, Media>>;
  };
  readonly responses: Readonly<Record<string, DocumentedResponse>>;
  readonly 'x-rate-limit-policy'?: Pick<OwnLimit, 'name'>;
  readonly 'x-asks-receiver'?: boolean;
  readonly 'x-codeSamples': readonly CodeSample[];
}

/**
 * Returns the target of a reference. Any other node is returned unchanged.
 *
 * @throws Error if the target does not exist.
 */
export function resolved<T extends object>(document: OpenAPIDocument, node: T): T {
  const { $ref } = node as { $ref?: string };
  if ($ref === undefined) {
    return node;
  }
  let target: unknown = document;
  for (const step of $ref.replace('#/', '').split('/')) {
    target = (target as Record<string, unknown>)?.[
      step.replaceAll('~1', '/').replaceAll('~0', '~')
    ];
  }
  if (target === undefined) {
    throw new Error(`The target of ${$ref} does not exist.`);
  }
  return resolved(document, target as T);
}

/** Returns a response with its references and those of its examples resolved. */
function resolvedResponse(
  document: OpenAPIDocument,
  reference: DocumentedResponse,
): DocumentedResponse {
  const response = resolved(document, reference);
  const content = Object.entries(response.content ?? {}).map(([type, media]) => {
    const examples = Object.entries(media.examples ?? {}).map(
      ([name, example]) => [name, resolved(document, example)] as const,
    );
    return [type, media.examples ? { ...media, examples: Object.fromEntries(examples) } : media];
  });
  return { ...response, ...(response.content && { content: Object.fromEntries(content) }) };
}

/** Returns the operations of path items in their order, with their references resolved. */
function operationsIn(document: OpenAPIDocument, items: object = {}): Operation[] {
  return Object.entries(items).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>).map(([method, operation]) => ({
      ...operation,
      path,
      method: method.toUpperCase(),
      parameters: (operation.parameters ?? []).map((parameter) => resolved(document, parameter)),
      responses: Object.fromEntries(
        Object.entries(operation.responses).map(([status, response]) => [
          status,
          resolvedResponse(document, response),
        ]),
      ),
    })),
  );
}

/** Returns every operation in the order of the document, with its references resolved. */
export const operationsOf = (document: OpenAPIDocument): Operation[] =>
  operationsIn(document, document.paths);

/**
 * Returns every webhook in the order of the document, as the operation that a receiver has. Its name is its path.
 */
export const webhooksOf = (document: OpenAPIDocument): Operation[] =>
  operationsIn(document, document.webhooks);

/** Returns the operations and webhooks of each tag, in the order of the document's tags. */
export function byTag(document: OpenAPIDocument) {
  const ofTag = (name: string, all: readonly Operation[]) =>
    all.filter(({ tags }) => tags[0] === name);
  return (document.tags ?? []).map(({ name, description = '' }) => ({
    name,
    description,
    operations: ofTag(name, operationsOf(document)),
    webhooks: ofTag(name, webhooksOf(document)),
  }));
}
