import type { OpenAPIDocument } from '../../src/openapi/document.ts';
import { resolved } from '../build/forms/read.ts';
import { child, isNode, type Node } from './changes/change.ts';

/** A schema of what the API sends, and its place in the document. */
export interface SentSchema {
  /**
   * The component and the members that lead to the schema, for example `Violation.in`; `[]` stands for the items of a
   * list, and `.*` for other members. A schema outside the components begins with its operation and status, or header.
   */
  readonly place: string;
  readonly schema: Node;
}

/** Returns the values of an object as objects. */
const nodes = (node: Node): Node[] => Object.values(node).filter(isNode);

/** Collects the schemas of a document below some of its places. A component is visited once. */
class SentSchemas {
  readonly found: SentSchema[] = [];
  readonly #document: OpenAPIDocument;
  readonly #components = new Set<unknown>();

  constructor(document: OpenAPIDocument) {
    this.#document = document;
  }

  target(node: Node): Node {
    return resolved(this.#document, node);
  }

  /** Returns whether a node is no reference, or the first one to its component. */
  #isNew({ $ref }: Node): boolean {
    const isNew = $ref === undefined || !this.#components.has($ref);
    this.#components.add($ref);
    return isNew;
  }

  /** Adds the schemas of the headers and of the bodies of each media type. */
  message(place: string, message: Node): void {
    for (const [name, header] of Object.entries(child(message, 'headers'))) {
      if (this.#isNew(header as Node)) {
        this.header(name, this.target(header as Node));
      }
    }
    for (const media of nodes(child(message, 'content'))) {
      this.schema(place, child(media, 'schema'));
    }
  }

  /** Adds the schema of a header or a parameter, which has the description. */
  header(name: string, { description, schema }: Node): void {
    this.schema(`header ${name}`, { description, ...(schema as Node) });
  }

  /** Adds a schema with all schemas inside it. */
  schema(place: string, node: Node): void {
    if (typeof node.$ref === 'string') {
      if (this.#isNew(node)) {
        this.schema(node.$ref.split('/').at(-1) as string, this.target(node));
      }
      return;
    }
    this.found.push({ place, schema: node });
    for (const [name, member] of Object.entries(child(node, 'properties'))) {
      this.schema(`${place}.${name}`, member as Node);
    }
    for (const part of [node.anyOf, node.oneOf, node.allOf].flat().filter(isNode)) {
      this.schema(place, part);
    }
    if (isNode(node.items)) {
      this.schema(`${place}[]`, node.items);
    }
    if (isNode(node.additionalProperties)) {
      this.schema(`${place}.*`, node.additionalProperties);
    }
  }
}

/** Returns every schema of what the API sends: the headers and bodies of responses, and those of webhooks. */
export function sentSchemas(document: object): SentSchema[] {
  const sent = new SentSchemas(document as OpenAPIDocument);
  for (const item of nodes(child(document as Node, 'paths'))) {
    for (const operation of nodes(item)) {
      for (const [status, response] of Object.entries(child(operation, 'responses'))) {
        sent.message(`${operation.operationId} ${status}`, sent.target(response as Node));
      }
    }
  }
  for (const [name, item] of Object.entries(child(document as Node, 'webhooks'))) {
    for (const operation of nodes(item as Node)) {
      const parameters = (operation.parameters ?? []) as Node[];
      for (const parameter of parameters.map((each) => sent.target(each))) {
        sent.header(parameter.name as string, parameter);
      }
      sent.message(`webhook ${name}`, sent.target(child(operation, 'requestBody')));
    }
  }
  return sent.found;
}
