import { catalogue, type ProblemName } from './catalogue.ts';
import type { Violation } from './problem.ts';
import { problemSchema } from './schemas.ts';

const requestId = '0b8ae2e9-6d0a-4d4e-b7a1-3c1f5a0d9e52';

const retryAfter = {
  schema: { type: 'integer', minimum: 0 },
  description: 'Seconds to wait before the next try.',
};

/** Headers that a status of 400 and above carries beside those of every response. */
const headersOfStatus: Record<number, Record<string, { schema: object; description: string }>> = {
  401: {
    'WWW-Authenticate': {
      schema: { type: 'string' },
      description: 'The challenge (RFC 6750 §3).',
    },
  },
  403: {
    'WWW-Authenticate': {
      schema: { type: 'string' },
      description: 'Present when a scope is missing, and names it (RFC 6750 §3.1).',
    },
  },
  405: {
    Allow: { schema: { type: 'string' }, description: 'The methods that the path supports.' },
  },
  429: { 'Retry-After': retryAfter },
  503: { 'Retry-After': retryAfter },
};

function example(name: ProblemName, violations?: readonly Violation[]) {
  const { type, title, status, detail } = catalogue[name];
  return {
    summary: title,
    value: {
      type,
      title,
      status,
      detail,
      ...(violations && { violations }),
      request_id: requestId,
    },
  };
}

/** What the document says of the problems that an operation can answer with, by status. */
export function problemResponses(names: readonly ProblemName[], violations: readonly Violation[]) {
  const byStatus = Map.groupBy(names, (name) => catalogue[name].status);
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      status,
      {
        description: group.map((name) => catalogue[name].meaning).join(' Or: '),
        headers: headersOfStatus[status] ?? {},
        content: {
          'application/problem+json': {
            schema: problemSchema,
            examples: Object.fromEntries(
              group.map((name) => [
                name,
                example(name, name === 'violations' ? violations : undefined),
              ]),
            ),
          },
        },
      },
    ]),
  );
}

/** The `default` response of the source: any status that the operation does not list. */
export const defaultProblemResponse = {
  description: 'An error occurred - see status code and problem response for more information.',
  content: {
    'application/problem+json': {
      schema: problemSchema,
      examples: { internalServerError: example('internalServerError') },
    },
  },
};
