import type { z } from '@hono/zod-openapi';
import { json, operation } from '../../http/operation.ts';
import { idempotencyKeyParameter } from '../../http/requests/idempotency-key.ts';
import type { Violation } from '../../problems/problem.ts';
import {
  expectedName,
  rotation,
  rotationExample,
  violatedRotation,
} from './credentials.schemas.ts';

/** The schemas of requests and responses of one kind of credential. */
export interface CredentialSchemas {
  readonly path: z.ZodObject;
  readonly query: z.ZodObject;
  readonly list: z.ZodType;
  readonly one: z.ZodType;
  readonly withSecret: z.ZodType;
  readonly creation: z.ZodType;
  readonly update: z.ZodType;
}

/** The parts in which the routes of clients and those of API keys differ. */
interface CredentialRoutes<
  Path extends string,
  Id extends string,
  Schemas extends CredentialSchemas,
> {
  /** The path of the collection. */
  readonly path: Path;
  /** The name of the path parameter. */
  readonly id: Id;
  readonly tag: string;
  /** The name of the credential in sentences: in the singular, with its article, and in the plural. */
  readonly names: { readonly one: string; readonly a: string; readonly many: string };
  /** The name of the secret in sentences. */
  readonly secret: string;
  /** The name of the credential in operation ids, and the complete operation id of the rotation. */
  readonly operations: { readonly noun: string; readonly rotate: string };
  readonly schemas: Schemas;
  readonly examples: {
    readonly one: object;
    /** Another credential, for the list. */
    readonly other: object;
    readonly withSecret: object;
    readonly creation: object;
    readonly update: object;
    /** The `Idempotency-Key` of a creation. */
    readonly key?: string;
  };
  readonly descriptions: {
    readonly list: string;
    readonly create: string;
    readonly get: string;
    readonly update: string;
    readonly delete: string;
    readonly rotate: string;
  };
  /** The summary of the rotation. */
  readonly rotation: string;
}

/** Returns the `detail` of a 404. */
export const missingDetail = (one: string) => `There is no ${one} with this identifier.`;

const violatedName: Violation[] = [
  { in: 'body', pointer: '#/name', code: 'too_short', detail: expectedName },
];
const violatedLimit: Violation[] = [
  {
    in: 'query',
    name: 'limit',
    code: 'out_of_range',
    detail: 'Send an integer from 0 to 1000, in decimal digits.',
  },
];

/** Returns the declarations of the six operations on clients or on API keys. */
export function credentialRoutes<
  const Path extends string,
  const Id extends string,
  Schemas extends CredentialSchemas,
>({
  path,
  id,
  tag,
  names: { one, a, many },
  secret,
  operations: { noun, rotate },
  schemas,
  examples,
  descriptions,
  rotation: rotationSummary,
}: CredentialRoutes<Path, Id, Schemas>) {
  // The call preserves the exact type of each schema. TypeScript widens a plain property access to the
  // constraint of the type parameter.
  const schema = <Name extends keyof CredentialSchemas>(name: Name): Schemas[Name] => schemas[name];
  const ofOne = `${path}/{${id}}` as const;
  const access = 'credentials:manage';
  const tags = [tag];
  const missing = missingDetail(one);
  const violatedId: Violation[] = [
    {
      in: 'path',
      name: id,
      code: 'invalid_format',
      detail: `Send the ${one} as a UUID: 32 hexadecimal digits in groups of 8-4-4-4-12.`,
    },
  ];
  return {
    list: operation({
      method: 'get',
      path,
      operationId: `list${noun}s`,
      access,
      tags,
      summary: `Retrieve ${many}`,
      description: descriptions.list,
      request: { query: schema('query') },
      violations: violatedLimit,
      responses: {
        200: json('Successful response.', schema('list'), {
          example: {
            query: { limit: 25, offset: 0 },
            result: [examples.one, examples.other],
            total: 2,
          },
        }),
      },
    }),
    create: operation({
      method: 'post',
      path,
      operationId: `create${noun}`,
      access,
      tags,
      summary: `Create ${a}`,
      description: descriptions.create,
      parameters: [
        {
          ...idempotencyKeyParameter,
          ...(examples.key !== undefined && { example: examples.key }),
        },
      ],
      request: {
        body: {
          required: true,
          description: `The ${one} you wish to create.`,
          content: {
            'application/json': {
              schema: schema('creation'),
              example: examples.creation,
            },
          },
        },
      },
      violations: violatedName,
      problems: ['tooManyCredentials', 'idempotencyKeyReused'],
      responses: {
        201: json(`The ${one} was created.`, schema('withSecret'), {
          example: examples.withSecret,
          headers: ['ETag', 'Location', 'Idempotent-Replayed'],
        }),
      },
    }),
    get: operation({
      method: 'get',
      path: ofOne,
      operationId: `get${noun}`,
      access,
      tags,
      summary: `Retrieve ${a}`,
      description: descriptions.get,
      conditional: 'read',
      request: { params: schema('path') },
      violations: violatedId,
      problems: ['notFound'],
      missing,
      responses: {
        200: json('Successful response.', schema('one'), {
          example: examples.one,
          headers: ['ETag'],
        }),
      },
    }),
    update: operation({
      method: 'put',
      path: ofOne,
      operationId: `update${noun}`,
      access,
      tags,
      summary: `Update ${a}`,
      description: descriptions.update,
      conditional: 'write',
      request: {
        params: schema('path'),
        body: {
          required: true,
          description: `The ${one} you wish to update.`,
          content: {
            'application/json': {
              schema: schema('update'),
              example: examples.update,
            },
          },
        },
      },
      violations: violatedName,
      problems: ['notFound', 'credentialInUse'],
      missing,
      responses: {
        200: json('Successful response.', schema('one'), {
          example: examples.one,
          headers: ['ETag', 'Content-Location'],
        }),
      },
    }),
    delete: operation({
      method: 'delete',
      path: ofOne,
      operationId: `delete${noun}`,
      access,
      tags,
      summary: `Delete ${a}`,
      description: descriptions.delete,
      conditional: 'write',
      request: { params: schema('path') },
      violations: violatedId,
      problems: ['notFound', 'credentialInUse'],
      missing,
      responses: { 204: { description: 'Successfully removed.' } },
    }),
    rotate: operation({
      method: 'post',
      path: `${ofOne}/secrets` as const,
      operationId: rotate,
      access,
      tags,
      summary: rotationSummary,
      description: descriptions.rotate,
      conditional: 'write',
      request: {
        params: schema('path'),
        body: {
          required: true,
          description: `How long the current ${secret} stays valid.`,
          content: { 'application/json': { schema: rotation, example: rotationExample } },
        },
      },
      violations: violatedRotation,
      problems: ['notFound'],
      missing,
      responses: {
        201: json(`The new ${secret} was created and is valid.`, schema('withSecret'), {
          example: examples.withSecret,
          headers: ['ETag'],
        }),
      },
    }),
  };
}
