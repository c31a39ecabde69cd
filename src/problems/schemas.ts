import { z } from '@hono/zod-openapi';
import { inCode, openString } from '../open-string.ts';
import type { ProblemName } from './catalogue.ts';
import { oauthErrorCodes, Problem } from './problem.ts';
import { type ViolationCode, violationCodes } from './violation-codes.ts';

const meanings = Object.entries(violationCodes).map(
  ([name, meaning]) => `- \`${name}\`: ${meaning}`,
);
const code = openString(
  Object.keys(violationCodes) as ViolationCode[],
  `The rule that the value breaks. More codes may be added: treat an unknown code like \`invalid_format\`.\n\n${meanings.join('\n')}`,
).openapi('ViolationCode');
/** What the document says of a sentence of this API. */
const sentences = { pattern: '^[A-Z].+\\.$', maxLength: 500 };
const detail = z
  .string()
  .openapi({ ...sentences, description: 'What to send instead, in one sentence.' });

/** The maximum size of a request body, in bytes. Each violation in a body takes more than one byte. */
const MAX_BODY_BYTES = 1_048_576;
/** The maximum length of a pointer, which omits names of more than 255 characters. */
const MAX_POINTER_LENGTH = 196_608;

/** A violation in a problem or in the response to a lenient batch. */
export const violation = z
  .union([
    z.object({
      in: z.literal('body'),
      pointer: z.string().openapi({
        description:
          'The JSON pointer (RFC 6901) of the value in the body, as a URI fragment. For a member whose name is longer than 255 characters, it points to the parent of the member.',
        pattern: '^#(?:/(?:[^/~]|~[01])*)*$',
        maxLength: MAX_POINTER_LENGTH,
        example: '#/vin',
      }),
      code,
      detail,
    }),
    z.object({
      in: z.enum(['query', 'path', 'header']),
      name: z.string().openapi({
        description:
          'The name of the parameter as you sent it, truncated to 255 characters, or the name of the header in lower case.',
        maxLength: 255,
      }),
      code,
      detail,
    }),
  ])
  .openapi('Violation', { description: 'A rule that the request breaks, and where.' });

/** The number of violations that a response omits. */
export const omittedViolations = z.int().optional().openapi({
  description:
    'The number of violations that `violations` does not list. Absent if it lists all of them.',
  format: 'int32',
  minimum: 1,
  maximum: MAX_BODY_BYTES,
});

const members = {
  type: z.string().openapi({
    format: 'uri-reference',
    maxLength: 255,
    description:
      'The identifier of the problem type. Any type other than `about:blank` resolves to a page that explains it.',
  }),
  title: z.string().openapi({
    pattern: '^[A-Z][A-Za-z ]+$',
    maxLength: 100,
    description: 'The name of the problem type.',
  }),
  status: z
    .int()
    .openapi({ description: 'The HTTP status code.', minimum: 400, maximum: 599, format: 'int32' }),
  detail: z.string().openapi({ ...sentences, description: 'What is wrong with this request.' }),
  request_id: z.string().openapi({
    pattern: '^[A-Za-z0-9_=-]+$',
    maxLength: 255,
    description: 'The value of the X-Request-Id header. Include it when you ask us for help.',
  }),
};

const policy = z.string().openapi({
  description: 'The name of a rate limit policy, as in RateLimit-Policy.',
  pattern: '^[a-z-]+$',
  maxLength: 50,
});

/** The members that a resource declares for its problem, with an example. */
interface OwnMembers {
  readonly shape: z.ZodRawShape;
  readonly example: object;
}

const ownMembers = new Map<ProblemName, OwnMembers>();

/** Returns the example of the members that a problem has in addition to those of every problem. */
export const exampleOfOwnMembers = (name: ProblemName) => ownMembers.get(name)?.example;

function buildProblemSchema() {
  const own = [...ownMembers.values()].flatMap(({ shape }) =>
    Object.entries(shape).map(
      ([name, member]) => [name, (member as z.ZodType).optional()] as const,
    ),
  );
  return z
    .object({
      ...members,
      violations: z.array(violation).optional().openapi({
        description:
          'For the type /problems/violations: all violations in the part of the request that failed (path, query, header or body). At most 100 are listed, or fewer if they name very long members.',
        minItems: 1,
        maxItems: 100,
      }),
      omitted_violations: omittedViolations,
      ...Object.fromEntries(own),
      'violated-policies': z.array(policy).optional().openapi({
        maxItems: 10,
        description:
          'For status 429: the names of the rate limit policies that the request exceeded.',
      }),
    })
    .openapi('Problem', { description: 'Problem details as defined in RFC 9457.' });
}

type ProblemSchema = ReturnType<typeof buildProblemSchema>;
let schema: ProblemSchema | undefined;

/**
 * Returns the schema of problem details (RFC 9457), with the members that resources declare. It is built when it
 * is first needed, after all resources are loaded.
 */
export function problemSchema(): ProblemSchema {
  schema ??= buildProblemSchema();
  return schema;
}

/**
 * Declares the members of a problem of the catalogue, next to the code that throws it. The schema of problems and
 * the examples in the document get them from here.
 *
 * @returns a function that creates the problem with the values of its members, and with another `detail` than that of
 * the catalogue if one is given.
 * @throws Error if the schema of problems is already built, because it would lack the members.
 */
export function problemWith<S extends z.ZodRawShape>(
  name: ProblemName,
  shape: S,
  example: z.output<z.ZodObject<S>>,
) {
  if (schema !== undefined) {
    throw new Error(`The members of ${name} are declared too late.`);
  }
  ownMembers.set(name, { shape, example });
  return (values: z.output<z.ZodObject<S>>, detail?: string) =>
    new Problem(name, { members: values, ...(detail !== undefined && { detail }) });
}

/** An error response of the token endpoint (RFC 6749 §5.2). */
export const oauthErrorSchema = z
  .object({
    error: openString(
      oauthErrorCodes,
      `The error code (RFC 6749 §5.2): ${inCode(oauthErrorCodes)}. More codes may be added.`,
    ),
    error_description: z.string().openapi({
      pattern: '^[A-Za-z][\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]*\\.$',
      maxLength: 500,
      description: 'What is wrong with this request.',
    }),
  })
  .openapi('OAuthError', { description: 'An error of the token endpoint (RFC 6749 §5.2).' });
