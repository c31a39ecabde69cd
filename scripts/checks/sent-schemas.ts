import type { OpenAPIDocument } from '../../src/openapi/document.ts';
import { operationsOf, resolved, webhooksOf } from '../build/forms/read.ts';
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

/** Collects the schemas of a document below some of its places. A component and a header are visited once. */
class SentSchemas {
  readonly found: SentSchema[] = [];
  readonly #document: OpenAPIDocument;
  readonly #visited = new Set<string>();

  constructor(document: OpenAPIDocument) {
    this.#document = document;
  }

  #isNew(name: string): boolean {
    const isNew = !this.#visited.has(name);
    this.#visited.add(name);
    return isNew;
  }

  /** Adds the schemas of the bodies of each media type. */
  bodies(place: string, content: object = {}): void {
    for (const { schema } of Object.values(content)) {
      this.schema(place, schema ?? {});
    }
  }

  /** Adds the schema of a header, or of a parameter that is one. It has the description. */
  header(name: string, header: object): void {
    const target = resolved(this.#document, header as Node);
    if (this.#isNew(`header ${name}`)) {
      this.schema(`header ${name}`, {
        description: target.description,
        ...child(target, 'schema'),
      });
    }
  }

  /** Adds a schema with all schemas inside it. */
  schema(place: string, node: Node): void {
    if (typeof node.$ref === 'string') {
      if (this.#isNew(node.$ref)) {
        this.schema(node.$ref.split('/').at(-1) as string, resolved(this.#document, node));
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

/** Returns every schema of what the API sends: the headers and bodies of responses and of webhooks. */
export function sentSchemas(document: OpenAPIDocument): SentSchema[] {
  const sent = new SentSchemas(document);
  for (const { operationId, responses } of operationsOf(document)) {
    for (const [status, { headers = {}, content }] of Object.entries(responses)) {
      Object.entries(headers).forEach(([name, header]) => void sent.header(name, header));
      sent.bodies(`${operationId} ${status}`, content);
    }
  }
  for (const { operationId, parameters, requestBody } of webhooksOf(document)) {
    parameters.forEach((parameter) => void sent.header(parameter.name, parameter));
    sent.bodies(operationId, requestBody?.content);
  }
  return sent.found;
}
