import { catalogue, type ProblemName } from './catalogue.ts';
import type { Violation } from './problem.ts';
import { problemSchema } from './schemas.ts';

const requestId = '0b8ae2e9-6d0a-4d4e-b7a1-3c1f5a0d9e52';

/** Headers that a status of 400 and above carries beside those of every response. */
const headersOfStatus = {
  401: ['WWW-Authenticate'],
  403: ['WWW-Authenticate'],
  405: ['Allow'],
  415: ['Accept-Encoding'],
  429: ['Retry-After'],
  503: ['Retry-After'],
  default: ['Allow'],
} as const;

/** The headers of a status, or of `default`, that belong to its problems. */
export function headersOfProblem(status: string) {
  return headersOfStatus[status as unknown as keyof typeof headersOfStatus] ?? [];
}

/** What an operation's own examples say. */
interface Shown {
  readonly violations?: readonly Violation[];
  /** The `detail` of a 404. */
  readonly missing?: string;
  /** The scope that the operation asks for. */
  readonly scope?: string;
  /** The policies that a request can exceed, one at a time. */
  readonly violatedPolicies?: readonly string[];
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

/** Examples of a problem that has a sentence for each cause; a test holds them against the answers. */
function causes(name: ProblemName, details: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(details).map(([cause, detail]) => {
      const [summary] = detail.split('. ') as [string];
      return [cause, example(name, { detail }, summary)];
    }),
  );
}

function examplesOf(name: ProblemName, shown: Shown): Record<string, Example> {
  const { violations, missing, scope, violatedPolicies = [] } = shown;
  switch (name) {
    case 'violations':
      return { violations: example(name, { violations }) };
    case 'malformedBody':
      return causes(name, {
        emptyBody: 'The body is empty. Send one JSON object.',
        notJson: 'The body is not JSON. Send one JSON object.',
        notUtf8: 'The body is not UTF-8. Encode it in UTF-8.',
      });
    case 'unsupportedMediaType':
      return causes(name, {
        notJsonType: catalogue[name].detail,
        contentCoding: 'The body has a content coding. Send it as it is, without content-encoding.',
      });
    case 'unauthorized':
      return causes(name, {
        tokenMissing:
          'The access token is missing. Send the header authorization: Bearer, then the token.',
        tokenInvalid:
          'The access token is not valid or has expired. Get a new one from /oauth2/token.',
        keyMissing: 'The API key is missing. Send your key in the header x-api-key.',
        keyInvalid: 'The API key is not valid. Send your key in the header x-api-key.',
      });
    case 'forbidden':
      return causes(name, {
        scopeMissing: `The access token lacks the scope ${scope}. Request a token with it.`,
        twoPartners: 'The access token and the API key belong to two partners. Use those of one.',
      });
    case 'notFound':
      return { notFound: example(name, missing === undefined ? {} : { detail: missing }) };
    case 'quotaExceeded':
      return Object.fromEntries(
        violatedPolicies.map((policy) => [
          policy,
          example(name, { 'violated-policies': [policy] }, `The policy "${policy}" is exceeded`),
        ]),
      );
    default:
      return { [name]: example(name) };
  }
}

/** What the document says of the problems that an operation can answer with, by status. */
export function problemResponses(names: readonly ProblemName[], shown: Shown) {
  const byStatus = Map.groupBy(names, (name) => catalogue[name].status);
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      status,
      {
        description: group.map((name) => catalogue[name].meaning).join(' Or: '),
        content: {
          'application/problem+json': {
            schema: problemSchema,
            examples: Object.assign({}, ...group.map((name) => examplesOf(name, shown))),
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
      examples: { ...examplesOf('methodNotAllowed', {}), ...examplesOf('internalServerError', {}) },
    },
  },
};
