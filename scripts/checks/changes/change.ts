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

/** What happens with the parts of two objects, by their names. */
interface PartHandlers<Part> {
  gone(name: string): void;
  added(name: string, now: Part): void;
  both(name: string, old: Part, now: Part): void;
}

/** Compares the parts of two objects that have the same name, and tells those that only one of them has. */
export function compareParts<Part>(
  olds: Readonly<Record<string, Part>>,
  news: Readonly<Record<string, Part>>,
  { gone, added, both }: PartHandlers<Part>,
): void {
  for (const [name, old] of Object.entries(olds)) {
    const now = news[name];
    if (now === undefined) {
      gone(name);
    } else {
      both(name, old, now);
    }
  }
  for (const [name, now] of Object.entries(news)) {
    if (!(name in olds)) {
      added(name, now);
    }
  }
}
