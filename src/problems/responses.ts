import { catalogue, type ProblemName, scopeMissingDetail } from './catalogue.ts';
import type { ProblemDefinition } from './definition.ts';
import type { Violation } from './problem.ts';
import { exampleOfOwnMembers, problemSchema } from './schemas.ts';

const requestId = '0b8ae2e9-6d0a-4d4e-b7a1-3c1f5a0d9e52';

/** The headers that error responses have in addition to those of every response, by status. */
const headersOfStatus = {
  401: ['WWW-Authenticate'],
  403: ['WWW-Authenticate'],
  405: ['Allow'],
  415: ['Accept-Encoding'],
  429: ['Retry-After'],
  503: ['Retry-After'],
  default: ['Allow'],
} as const;

/** Returns the additional headers of the problems with a status, or of the `default` response. */
export function headersOfProblem(status: string) {
  return headersOfStatus[status as unknown as keyof typeof headersOfStatus] ?? [];
}

/** The violations that an example shows, or a function for them. */
export type ExampleViolations = readonly Violation[] | (() => readonly Violation[]);

/** The details of one operation that its problem examples show. */
interface OperationDetails {
  readonly violations?: ExampleViolations | undefined;
  /** The `detail` of a 404. */
  readonly missing?: string;
  /** The scope that the operation requires. */
  readonly scope?: string | undefined;
  /** The rate limit policies that a request can exceed, each with the problem that reports it. */
  readonly limits?: readonly { readonly name: string; readonly problem: ProblemName }[];
}

interface Example {
  readonly summary: string;
  readonly value: object;
}

function example(name: ProblemName, own: object = {}, summary?: string): Example {
  const { type, title, status, detail } = catalogue[name];
  return {
    summary: summary ?? title,
    value: { type, title, status, detail, ...own, request_id: requestId },
  };
}

/**
 * Returns the examples of a problem that has a separate `detail` for each cause. A test compares them
 * with real responses.
 */
function causes(name: ProblemName, details: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(details).map(([cause, detail]) => {
      const [summary] = detail.split('. ') as [string];
      return [cause, example(name, { detail }, summary)];
    }),
  );
}

function examplesOf(name: ProblemName, details: OperationDetails): Record<string, Example> {
  const { violations, missing, scope, limits = [] } = details;
  switch (name) {
    case 'violations':
      return {
        violations: example(name, {
          violations: typeof violations === 'function' ? violations() : violations,
        }),
      };
    case 'scopeMissing':
      return causes(name, scope === undefined ? {} : { [name]: scopeMissingDetail(scope) });
    case 'notFound':
      return { notFound: example(name, missing === undefined ? {} : { detail: missing }) };
    case 'quotaExceeded':
    case 'tooManyFailedAttempts':
      return Object.fromEntries(
        limits
          .filter(({ problem }) => problem === name)
          .map((limit) => [
            limit.name,
            example(
              name,
              { 'violated-policies': [limit.name] },
              `The policy "${limit.name}" is exceeded`,
            ),
          ]),
      );
    default: {
      const { causes: sentences }: ProblemDefinition = catalogue[name];
      return sentences === undefined
        ? { [name]: example(name, exampleOfOwnMembers(name)) }
        : causes(name, sentences);
    }
  }
}

/**
 * Returns functions for the responses in the document, by status, for the problems that an operation can
 * return.
 */
export function problemResponses(
  names: readonly ProblemName[],
  details: OperationDetails,
): [status: string, response: () => ProblemResponse][] {
  const byStatus = Map.groupBy(names, (name) => catalogue[name].status);
  return [...byStatus].map(([status, group]) => [
    String(status),
    () => ({
      description: group.map((name) => catalogue[name].meaning).join(' Or: '),
      content: {
        'application/problem+json': {
          schema: problemSchema(),
          examples: Object.assign({}, ...group.map((name) => examplesOf(name, details))),
        },
      },
    }),
  ]);
}

/** A problem that an operation can return, with the members of its first example in the document. */
export interface ListedProblem {
  readonly name: ProblemName;
  readonly definition: ProblemDefinition;
  readonly example: Readonly<Record<string, unknown>>;
}

const definitions = Object.entries<ProblemDefinition>(catalogue) as [
  ProblemName,
  ProblemDefinition,
][];

/**
 * Returns each problem that responses of the document list, once and in the order of the document.
 *
 * @param responses of an operation, by status.
 */
export function listedProblems(responses: object): ListedProblem[] {
  const listed = new Map<ProblemName, ListedProblem>();
  for (const { content } of Object.values<Partial<ProblemResponse>>({ ...responses })) {
    for (const { value } of Object.values(content?.['application/problem+json']?.examples ?? {})) {
      const example = value as Record<string, unknown>;
      const [name, definition] = definitions.find(
        ([, { type, status }]) => type === example.type && status === example.status,
      ) as (typeof definitions)[number];
      if (!listed.has(name)) {
        listed.set(name, { name, definition, example });
      }
    }
  }
  return [...listed.values()];
}

/** A response of problem+json in the document. */
interface ProblemResponse {
  readonly description: string;
  readonly content: {
    readonly 'application/problem+json': {
      readonly schema: ReturnType<typeof problemSchema>;
      readonly examples: Record<string, Example>;
    };
  };
}

/** Returns the `default` response, which the source page also has: any status that the operation does not list. */
export const defaultProblemResponse = (): ProblemResponse => ({
  description: 'An error occurred - see status code and problem response for more information.',
  content: {
    'application/problem+json': {
      schema: problemSchema(),
      examples: { ...examplesOf('methodNotAllowed', {}), ...examplesOf('internalServerError', {}) },
    },
  },
});
