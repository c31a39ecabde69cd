import { z } from '@hono/zod-openapi';
import { violationCodes } from './catalogue.ts';

const code = z
  .enum(Object.keys(violationCodes) as [keyof typeof violationCodes])
  .openapi('ViolationCode', {
    description: `Which rule is broken. More codes may be added: treat one that you do not know like \`invalid_format\`.\n\n${Object.entries(
      violationCodes,
    )
      .map(([name, meaning]) => `- \`${name}\`: ${meaning}`)
      .join('\n')}`,
  });
/** Sentences of ours. */
const sentences = { pattern: '^[A-Z].+\\.$', maxLength: 500 };
const detail = z
  .string()
  .openapi({ ...sentences, description: 'What to send instead, in one sentence.' });

/** Bytes of the longest body; one violation takes more than one of them. */
const MAX_BODY = 65_536;

const violation = z
  .union([
    z.strictObject({
      in: z.literal('body'),
      pointer: z.string().openapi({
        description:
          'RFC 6901 JSON pointer of the value in the body, as a URI fragment. It ends at the parent of a member whose name is longer than 255 characters.',
        pattern: '^#(?:/(?:[^/~]|~[01])*)*$',
        maxLength: 3 * MAX_BODY,
        example: '#/vin',
      }),
      code,
      detail,
    }),
    z.strictObject({
      in: z.enum(['query', 'path', 'header']),
      name: z.string().openapi({
        description:
          'The name of the parameter as it was sent, cut after 255 characters, or the name of the header in lower case.',
        maxLength: 255,
      }),
      code,
      detail,
    }),
  ])
  .openapi('Violation', { description: 'One rule that the request breaks.' });

const members = {
  type: z.string().openapi({
    format: 'uri-reference',
    maxLength: 255,
    description: 'Identifies the kind of problem; resolves to a page that explains it.',
  }),
  title: z.string().openapi({
    pattern: '^[A-Z][A-Za-z ]+$',
    maxLength: 100,
    description: 'The kind of problem in words.',
  }),
  status: z
    .int()
    .openapi({ description: 'The HTTP status code.', minimum: 400, maximum: 599, format: 'int32' }),
  detail: z.string().openapi({ ...sentences, description: 'What is wrong with this request.' }),
  request_id: z.string().openapi({
    pattern: '^[A-Za-z0-9_=-]+$',
    maxLength: 255,
    description: 'The same as the X-Request-Id header; name it when you ask us for help.',
  }),
};

const policy = z.string().openapi({
  description: 'The name of a policy in RateLimit-Policy.',
  pattern: '^[a-z-]+$',
  maxLength: 50,
});

/** RFC 9457 problem details with this API's `request_id`, and `violations` where values broke rules. */
export const problemSchema = z
  .strictObject({
    ...members,
    violations: z.array(violation).optional().openapi({
      description:
        'With the type /problems/violations: the rules that the failing part breaks. At most 100 are listed, and fewer when they name very long members.',
      minItems: 1,
      maxItems: 100,
    }),
    omitted_violations: z.int().optional().openapi({
      description:
        'How many more rules are broken than `violations` lists. It is absent when all are listed.',
      format: 'int32',
      minimum: 1,
      maximum: MAX_BODY,
    }),
    prepared_ticket_ids: z
      .array(z.string().openapi({ format: 'uuid' }))
      .optional()
      .openapi({
        description:
          'With the type /problems/ambiguous-reference: the ids of prepared tickets that have the reference, newest first. At most 10 are named.',
        minItems: 2,
        maxItems: 10,
      }),
    'violated-policies': z.array(policy).optional().openapi({
      maxItems: 10,
      description: 'With status 429: the policies of RateLimit-Policy that were exceeded.',
    }),
  })
  .openapi('Problem', { description: 'Problem details as of RFC 9457.' });

/** RFC 6749 §5.2. */
export const oauthErrorSchema = z
  .strictObject({
    error: z
      .enum([
        'invalid_request',
        'invalid_client',
        'unauthorized_client',
        'unsupported_grant_type',
        'invalid_scope',
      ])
      .openapi({ description: 'The code of the error, as in RFC 6749 §5.2.' }),
    error_description: z.string().openapi({
      pattern: '^[A-Za-z][\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]*\\.$',
      maxLength: 500,
      description: 'What is wrong with this request.',
    }),
  })
  .openapi('OAuthError', { description: 'An error of the token endpoint (RFC 6749 §5.2).' });
