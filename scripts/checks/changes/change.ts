/** A difference between two OpenAPI documents. */
export interface Change {
  /** Whether a program that works with the old document may fail with the new one. */
  readonly breaking: boolean;
  /** The place and the difference in one line. `docs/breaking-changes.json` declares a change by this text. */
  readonly text: string;
}

/** Collects changes, each once. `at` is the place in the document, starting with the operation. */
export class Changes {
  readonly all: Change[] = [];

  breaking(at: string, what: string): void {
    this.#add({ breaking: true, text: `${at}: ${what}` });
  }

  note(at: string, what: string): void {
    this.#add({ breaking: false, text: `${at}: ${what}` });
  }

  #add(change: Change): void {
    if (!this.all.some(({ text }) => text === change.text)) {
      this.all.push(change);
    }
  }
}

/** An object of a document, whose members are checked when they are read. */
export type Node = Readonly<Record<string, unknown>>;

/** Returns whether a value is an object. */
export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns the object under a key, or an empty object. */
export function child(node: Node, key: string): Node {
  const value = node[key];
  return isNode(value) ? value : {};
}

/** Follows the `$ref` of an object within a document. @throws Error if its target does not exist. */
export function resolve(document: Node, node: Node): Node {
  const { $ref } = node;
  if (typeof $ref !== 'string') {
    return node;
  }
  let target: unknown = document;
  for (const step of $ref.replace(/^#\//, '').split('/')) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    target = isNode(target) ? target[name] : undefined;
  }
  if (!isNode(target)) {
    throw new Error(`The target of ${$ref} does not exist.`);
  }
  return resolve(document, target);
}
