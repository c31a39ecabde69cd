/** A difference between two documents. */
export interface Change {
  /** Whether a program that works with the old document may fail with the new one. */
  readonly breaking: boolean;
  /** Where and what, in one line; a breaking one is declared by this text. */
  readonly text: string;
}

/** Collects changes; `at` says where, from the operation inwards. */
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

/** Anything of a document; what it is shows when it is read. */
export type Node = Readonly<Record<string, unknown>>;

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object at a key; an empty one where there is none. */
export function child(node: Node, key: string): Node {
  const value = node[key];
  return isNode(value) ? value : {};
}

/** Follows `$ref` within a document. @throws Error for one that leads nowhere. */
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
    throw new Error(`${$ref} leads nowhere`);
  }
  return resolve(document, target);
}
