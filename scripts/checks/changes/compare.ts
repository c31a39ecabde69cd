import { type Change, Changes, child, type Node, resolve } from './change.ts';
import { compareProblemTypes } from './problem-types.ts';
import { compareSchemas, type Direction } from './schemas.ts';

/** Returns the operations of a document under names like `GET /path`. */
function operationsOf(document: Node): Map<string, Node> {
  const found = new Map<string, Node>();
  for (const [path, item] of Object.entries(child(document, 'paths'))) {
    for (const [method, operation] of Object.entries(item as Record<string, Node>)) {
      found.set(`${method.toUpperCase()} ${path}`, operation);
    }
  }
  return found;
}

type Requirement = Readonly<Record<string, readonly string[]>>;

/** Returns whether credentials that satisfy `old` also satisfy `now`. */
function covers(old: Requirement, now: Requirement): boolean {
  return Object.entries(now).every(([scheme, scopes]) =>
    scopes.every((scope) => old[scheme]?.includes(scope)) ? scheme in old : false,
  );
}

class Comparison {
  readonly changes = new Changes();
  readonly #old: Node;
  readonly #new: Node;

  constructor(oldDocument: Node, newDocument: Node) {
    this.#old = oldDocument;
    this.#new = newDocument;
  }

  documents(): void {
    const [olds, news] = [operationsOf(this.#old), operationsOf(this.#new)];
    for (const [name, before] of olds) {
      const after = news.get(name);
      if (after === undefined) {
        this.changes.breaking(name, 'the operation is gone');
      } else {
        this.#operations(name, before, after);
      }
    }
    for (const name of news.keys()) {
      if (!olds.has(name)) {
        this.changes.note(name, 'a new operation');
      }
    }
    compareProblemTypes(this.changes, this.#old, this.#new);
  }

  #operations(at: string, before: Node, after: Node): void {
    if (before.operationId !== after.operationId) {
      const what = `operationId was ${before.operationId} and is ${after.operationId}`;
      this.changes.breaking(at, what);
    }
    if (Boolean(before.deprecated) !== Boolean(after.deprecated)) {
      this.changes.note(at, after.deprecated ? 'deprecated' : 'no longer deprecated');
    }
    this.#security(at, before, after);
    this.#parameters(at, before, after);
    this.#requestBody(at, before, after);
    this.#responses(at, child(before, 'responses'), child(after, 'responses'));
  }

  /** Adds a breaking change if credentials that were sufficient before are not sufficient now. */
  #security(at: string, before: Node, after: Node): void {
    const [olds, news] = [before.security ?? [], after.security ?? []] as Requirement[][];
    const accepted = (old: Requirement) =>
      news?.length === 0 || news?.some((now) => covers(old, now));
    const callers = olds?.length === 0 ? [{}] : (olds ?? []);
    if (!callers.every(accepted)) {
      const what = `security was ${JSON.stringify(olds)} and is ${JSON.stringify(news)}`;
      this.changes.breaking(at, what);
    }
  }

  #parametersOf(document: Node, operation: Node): Map<string, Node> {
    const parameters = ((operation.parameters ?? []) as Node[]).map((each) =>
      resolve(document, each),
    );
    return new Map(
      parameters.map((parameter) => {
        const { in: where, name } = parameter as { in: string; name: string };
        // Header names are case-insensitive.
        return [`${where} ${where === 'header' ? name.toLowerCase() : name}`, parameter];
      }),
    );
  }

  #parameters(at: string, before: Node, after: Node): void {
    const olds = this.#parametersOf(this.#old, before);
    const news = this.#parametersOf(this.#new, after);
    for (const [name, old] of olds) {
      const now = news.get(name);
      const where = `${at} ${name}`;
      if (now === undefined) {
        this.changes.breaking(where, 'the parameter is gone');
        continue;
      }
      if (Boolean(now.required) !== Boolean(old.required)) {
        const what = now.required ? 'now required' : 'now optional';
        this.changes[now.required ? 'breaking' : 'note'](where, what);
      }
      this.#schemas('request', where, child(old, 'schema'), child(now, 'schema'));
    }
    for (const [name, now] of news) {
      if (!olds.has(name)) {
        const must = now.required === true;
        const what = `a new parameter${must ? ' that is required' : ''}`;
        this.changes[must ? 'breaking' : 'note'](`${at} ${name}`, what);
      }
    }
  }

  #requestBody(at: string, before: Node, after: Node): void {
    const old = resolve(this.#old, child(before, 'requestBody'));
    const now = resolve(this.#new, child(after, 'requestBody'));
    if (Boolean(now.required) !== Boolean(old.required)) {
      const what = now.required ? 'now required' : 'now optional';
      this.changes[now.required ? 'breaking' : 'note'](`${at} body`, what);
    }
    this.#content('request', `${at} body`, child(old, 'content'), child(now, 'content'));
  }

  #content(direction: Direction, at: string, olds: Node, news: Node): void {
    for (const type of Object.keys(olds)) {
      if (type in news) {
        const [before, after] = [child(olds, type), child(news, type)];
        this.#schemas(direction, at, child(before, 'schema'), child(after, 'schema'));
      } else {
        this.changes.breaking(at, `${type} is gone`);
      }
    }
    for (const type of Object.keys(news).filter((name) => !(name in olds))) {
      this.changes.note(at, `now also ${type}`);
    }
  }

  #responses(at: string, olds: Node, news: Node): void {
    for (const status of Object.keys(olds)) {
      const where = `${at} ${status}`;
      if (!(status in news)) {
        this.changes.breaking(where, 'the status is gone');
        continue;
      }
      const before = resolve(this.#old, child(olds, status));
      const after = resolve(this.#new, child(news, status));
      this.#headers(where, child(before, 'headers'), child(after, 'headers'));
      this.#content('response', where, child(before, 'content'), child(after, 'content'));
    }
    for (const status of Object.keys(news).filter((name) => !(name in olds))) {
      this.changes.note(`${at} ${status}`, 'a new status');
    }
  }

  #headers(at: string, olds: Node, news: Node): void {
    for (const name of Object.keys(olds)) {
      const where = `${at} header ${name}`;
      if (!(name in news)) {
        this.changes.breaking(where, 'the header is gone');
        continue;
      }
      const [old, now] = [child(olds, name), child(news, name)];
      const before = resolve(this.#old, old);
      const after = resolve(this.#new, now);
      // The difference of a component is one change, however many responses have the header.
      const isShared = old.$ref !== undefined && old.$ref === now.$ref;
      const place = isShared ? `header ${name}` : where;
      this.#schemas('response', place, child(before, 'schema'), child(after, 'schema'));
    }
    for (const name of Object.keys(news).filter((each) => !(each in olds))) {
      this.changes.note(`${at} header ${name}`, 'a new header');
    }
  }

  #schemas(direction: Direction, at: string, before: Node, after: Node): void {
    const sides = {
      oldDocument: this.#old,
      newDocument: this.#new,
      direction,
      changes: this.changes,
    };
    compareSchemas(sides, at, before, after);
  }
}

/**
 * Compares two OpenAPI 3.1 documents from the view of a program that calls the API. Ignores texts, the
 * names of schemas, and examples, except for the problem types, which only examples contain.
 */
export function compareDocuments(oldDocument: object, newDocument: object): Change[] {
  const comparison = new Comparison(oldDocument as Node, newDocument as Node);
  comparison.documents();
  return comparison.changes.all;
}
