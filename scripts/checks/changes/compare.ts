import type { OpenAPIDocument } from '../../../src/openapi/document.ts';
import {
  type Media,
  type Operation,
  operationsOf,
  resolved,
  webhooksOf,
} from '../../build/forms/read.ts';
import { type Change, Changes, compareParts, type Node } from './change.ts';
import { compareSchemas, type Direction } from './schemas.ts';

type Requirement = Operation['security'][number];
type Content = Readonly<Record<string, Media>>;
type Headers = NonNullable<Operation['responses'][string]['headers']>;

/** Returns whether credentials that satisfy `old` also satisfy `now`. */
function covers(old: Requirement, now: Requirement): boolean {
  return Object.entries(now).every(([scheme, scopes]) =>
    scopes.every((scope) => old[scheme]?.includes(scope)) ? scheme in old : false,
  );
}

/** Returns the parameters of an operation by their place and name. Header names are case-insensitive. */
function parametersOf({ parameters }: Operation) {
  return Object.fromEntries(
    parameters.map((parameter) => {
      const { in: where, name } = parameter;
      return [`${where} ${where === 'header' ? name.toLowerCase() : name}`, parameter];
    }),
  );
}

/** Returns every problem type in the examples of a document by its status. */
function problemTypesOf(operations: readonly Operation[]): Record<string, Record<string, true>> {
  const found: Record<string, Record<string, true>> = {};
  for (const [status, { content }] of operations.flatMap((one) => Object.entries(one.responses))) {
    const types = found[status] ?? {};
    found[status] = types;
    for (const { value } of Object.values(content?.['application/problem+json']?.examples ?? {})) {
      const { type } = (value ?? {}) as Partial<Record<'type', unknown>>;
      if (typeof type === 'string') {
        types[type] = true;
      }
    }
  }
  return found;
}

class Comparison {
  readonly changes = new Changes();
  readonly #old: OpenAPIDocument;
  readonly #new: OpenAPIDocument;

  constructor(oldDocument: OpenAPIDocument, newDocument: OpenAPIDocument) {
    this.#old = oldDocument;
    this.#new = newDocument;
  }

  documents(): void {
    const all = [operationsOf(this.#old), operationsOf(this.#new)] as const;
    const [olds, news] = all.map((operations) =>
      Object.fromEntries(operations.map((one) => [`${one.method} ${one.path}`, one])),
    ) as [Record<string, Operation>, Record<string, Operation>];
    compareParts(olds, news, {
      gone: (name) => this.changes.breaking(name, 'the operation is gone'),
      added: (name) => this.changes.note(name, 'a new operation'),
      both: (name, before, after) => this.#operations(name, before, after),
    });
    this.#webhooks();
    this.#problemTypes(problemTypesOf(all[0]), problemTypesOf(all[1]));
  }

  /** Compares what receivers get. The API sends it, so it changes like a response. */
  #webhooks(): void {
    const [olds, news] = [this.#old, this.#new].map((document) =>
      Object.fromEntries(webhooksOf(document).map((one) => [`webhook ${one.path}`, one])),
    ) as [Record<string, Operation>, Record<string, Operation>];
    compareParts(olds, news, {
      gone: (name) => this.changes.breaking(name, 'the webhook is gone'),
      added: (name) => this.changes.note(name, 'a new webhook'),
      both: (name, before, after) => {
        this.#headers(name, parametersOf(before), parametersOf(after));
        const bodies = [before.requestBody, after.requestBody].map((body) => body?.content);
        this.#content('response', name, ...(bodies as [Content?, Content?]));
      },
    });
  }

  /**
   * Compares the problem types, on which programs branch. No schema contains them, so they are read from the
   * examples of all operations together: a cause has the same type in every operation.
   */
  #problemTypes(
    olds: ReturnType<typeof problemTypesOf>,
    news: ReturnType<typeof problemTypesOf>,
  ): void {
    for (const status of new Set([...Object.keys(olds), ...Object.keys(news)])) {
      const at = `problems ${status}`;
      compareParts(olds[status] ?? {}, news[status] ?? {}, {
        gone: (type) => this.changes.breaking(at, `the type ${type} is gone`),
        added: (type) => this.changes.note(at, `a new type ${type}`),
        both() {},
      });
    }
  }

  #operations(at: string, before: Operation, after: Operation): void {
    if (before.operationId !== after.operationId) {
      const what = `operationId was ${before.operationId} and is ${after.operationId}`;
      this.changes.breaking(at, what);
    }
    if (Boolean(before.deprecated) !== Boolean(after.deprecated)) {
      this.changes.note(at, after.deprecated ? 'deprecated' : 'no longer deprecated');
    }
    this.#security(at, before, after);
    this.#parameters(at, parametersOf(before), parametersOf(after));
    this.#requestBody(`${at} body`, before, after);
    this.#responses(at, before.responses, after.responses);
  }

  /** Adds a breaking change if credentials that were sufficient before are not sufficient now. */
  #security(at: string, { security: olds = [] }: Operation, { security: news = [] }: Operation) {
    const callers = olds.length === 0 ? [{}] : olds;
    const accepted = (old: Requirement) =>
      news.length === 0 || news.some((now) => covers(old, now));
    if (!callers.every(accepted)) {
      const what = `security was ${JSON.stringify(olds)} and is ${JSON.stringify(news)}`;
      this.changes.breaking(at, what);
    }
  }

  #parameters(
    at: string,
    olds: ReturnType<typeof parametersOf>,
    news: ReturnType<typeof parametersOf>,
  ): void {
    compareParts(olds, news, {
      gone: (name) => this.changes.breaking(`${at} ${name}`, 'the parameter is gone'),
      added: (name, { required }) => {
        const what = `a new parameter${required ? ' that is required' : ''}`;
        this.changes[required ? 'breaking' : 'note'](`${at} ${name}`, what);
      },
      both: (name, old, now) => {
        this.#required(`${at} ${name}`, old, now);
        this.#schemas('request', `${at} ${name}`, old.schema, now.schema);
      },
    });
  }

  #required(
    at: string,
    old: { readonly required?: boolean },
    now: { readonly required?: boolean },
  ) {
    if (Boolean(now.required) !== Boolean(old.required)) {
      const what = now.required ? 'now required' : 'now optional';
      this.changes[now.required ? 'breaking' : 'note'](at, what);
    }
  }

  #requestBody(at: string, before: Operation, after: Operation): void {
    const old = resolved(this.#old, before.requestBody ?? { content: {} });
    const now = resolved(this.#new, after.requestBody ?? { content: {} });
    this.#required(at, old, now);
    this.#content('request', at, old.content, now.content);
  }

  #content(direction: Direction, at: string, olds: Content = {}, news: Content = {}): void {
    compareParts(olds, news, {
      gone: (type) => this.changes.breaking(at, `${type} is gone`),
      added: (type) => this.changes.note(at, `now also ${type}`),
      both: (_type, old, now) => this.#schemas(direction, at, old.schema, now.schema),
    });
  }

  #responses(at: string, olds: Operation['responses'], news: Operation['responses']): void {
    compareParts(olds, news, {
      gone: (status) => this.changes.breaking(`${at} ${status}`, 'the status is gone'),
      added: (status) => this.changes.note(`${at} ${status}`, 'a new status'),
      both: (status, old, now) => {
        this.#headers(`${at} ${status}`, old.headers, now.headers);
        this.#content('response', `${at} ${status}`, old.content, now.content);
      },
    });
  }

  #headers(at: string, olds: Headers = {}, news: Headers = {}): void {
    compareParts<Node>(olds, news, {
      gone: (name) => this.changes.breaking(`${at} header ${name}`, 'the header is gone'),
      added: (name) => this.changes.note(`${at} header ${name}`, 'a new header'),
      both: (name, old, now) => {
        // The difference of a component is one change, however many responses have the header and whatever its name is.
        const isShared = old.$ref !== undefined && now.$ref !== undefined;
        const place = isShared ? `header ${name}` : `${at} header ${name}`;
        const [before, after] = [resolved(this.#old, old), resolved(this.#new, now)];
        this.#schemas('response', place, before.schema, after.schema);
      },
    });
  }

  #schemas(direction: Direction, at: string, before: unknown = {}, after: unknown = {}): void {
    const documents = { oldDocument: this.#old, newDocument: this.#new };
    const sides = { ...documents, direction, changes: this.changes };
    compareSchemas(sides, at, before as Node, after as Node);
  }
}

/**
 * Compares two OpenAPI 3.1 documents from the view of a program that calls the API. Ignores texts, the
 * names of schemas, and examples, except for the problem types, which only examples contain.
 */
export function compareDocuments(oldDocument: object, newDocument: object): Change[] {
  const comparison = new Comparison(oldDocument as OpenAPIDocument, newDocument as OpenAPIDocument);
  comparison.documents();
  return comparison.changes.all;
}
