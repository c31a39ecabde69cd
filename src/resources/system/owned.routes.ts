import { z } from '@hono/zod-openapi';
import { bodyOf, queryOf } from '../../http/fields/object.ts';
import { uuid } from '../../http/fields/text.ts';
import { json, operation } from '../../http/operation.ts';
import { idempotencyKeyParameter } from '../../http/requests/idempotency-key.ts';
import { listOf, pageEcho, pageParameters } from '../../http/requests/pagination.ts';
import type { Scope } from '../../policy.ts';
import { exampleViolations } from '../../problems/violations.ts';
import type { OwnedKind, OwnedRow } from './owned-kind.repository.ts';

/** The parts in which the routes of one kind of resource differ from those of the others. */
interface OwnedRoutes<
  Path extends string,
  Id extends string,
  Response extends z.ZodRawShape,
  Creation extends z.ZodRawShape,
  Update extends z.ZodRawShape,
  Overlap extends z.ZodType,
> {
  /** The path of the collection. */
  readonly path: Path;
  /** The name of the path parameter. */
  readonly id: Id;
  readonly access: Scope;
  readonly tag: string;
  readonly kind: Pick<OwnedKind<never, OwnedRow>, 'tooMany' | 'missing'>;
  /** Whether a change can be refused because the resource authenticates the request. */
  readonly canBeInUse?: boolean;
  /** Whether a creation and an update can ask a receiver for its consent. */
  readonly asksReceiver?: boolean;
  /** The name of the resource in sentences: in the singular, with its article, and in the plural. */
  readonly names: { readonly one: string; readonly a: string; readonly many: string };
  /** The name of the resource in the names of operations and schemas. */
  readonly noun: string;
  /** The members of responses and requests. */
  readonly members: {
    readonly response: Response;
    /** The form of a new secret, which only a creation and a rotation return. */
    readonly secret: {
      readonly pattern: string;
      readonly maxLength: number;
      readonly description: string;
    };
    readonly creation: Creation;
    readonly update: Update;
  };
  readonly examples: {
    readonly one: object & { readonly id: string };
    readonly list: readonly object[];
    readonly secret: string;
    readonly creation: object;
    readonly update: object;
    /** A creation with an invalid member. */
    readonly violated: object;
    /** The `Idempotency-Key` of a creation. */
    readonly key?: string;
  };
  readonly descriptions: {
    readonly one: string;
    readonly withSecret: string;
    readonly list: string;
    readonly create: string;
    readonly get: string;
    readonly update: string;
    readonly delete: string;
    readonly rotate: string;
  };
  /** The rotation: its operation id, its summary, its body, and the description of the body and the response. */
  readonly rotation: {
    readonly operationId: string;
    readonly summary: string;
    readonly schema: Overlap;
    readonly body: string;
    readonly response: string;
  };
}

/** Returns the declaration of a JSON body. */
export const body = <S, E>(description: string, schema: S, example: E) => ({
  required: true,
  description,
  content: { 'application/json': { schema, example } },
});

/** The query of a list whose only parameters are those of the page. */
export const pageQuery = queryOf(pageParameters);

/** The page that the example of a list applies. */
export const pageExample = { limit: 25, offset: 0 };

/** Returns the schema of the `query` member of a list whose only parameters are those of the page. */
export const pageEchoNamed = (name: string) =>
  z
    .object(pageEcho)
    .openapi(name, { description: 'Applied query parameters, including defaults.' });

/** Returns the schema of a resource, and the declarations of the six operations on resources of its kind. */
export function ownedRoutes<
  const Path extends string,
  const Id extends string,
  Response extends z.ZodRawShape,
  Creation extends z.ZodRawShape,
  Update extends z.ZodRawShape,
  Overlap extends z.ZodType,
>({
  path,
  id,
  access,
  tag,
  kind,
  canBeInUse = false,
  asksReceiver = false,
  names: { one, a, many },
  noun,
  members,
  examples,
  descriptions,
  rotation,
}: OwnedRoutes<Path, Id, Response, Creation, Update, Overlap>) {
  const { response, secret } = members;
  const resource = z.object(response).openapi(noun, { description: descriptions.one });
  const exampleWithSecret = { ...examples.one, secret: examples.secret };
  const withSecret = z
    .object({ ...response, secret: z.string().nullable().openapi(secret) })
    .openapi(`${noun}WithSecret`, { description: descriptions.withSecret });
  const creation = bodyOf(members.creation).openapi(`New${noun}`, {
    description: `The ${one} you wish to create.`,
  });
  const replacement = bodyOf(members.update).openapi(`${noun}Update`, {
    description: `The ${one} you wish to update.`,
  });
  const listSchema = listOf(pageEchoNamed(`${noun}sQuery`), resource, many).openapi(`${noun}List`);
  const params = z.object({
    [id]: uuid(`the ${one}`).openapi({
      param: { description: `Identifier of the ${one}.`, example: examples.one.id },
    }),
  } as Record<Id, ReturnType<typeof uuid>>);

  const ofOne = `${path}/{${id}}` as const;
  const common = { access, tags: [tag] };
  const ofExisting = { ...common, missing: kind.missing };
  const problems = canBeInUse
    ? (['notFound', 'credentialInUse'] as const)
    : (['notFound'] as const);
  const asking = asksReceiver ? (['receiverRefused'] as const) : [];
  const violatedId = exampleViolations('param', params, { [id]: 'nonsense' });
  const violatedBody = exampleViolations('json', creation, examples.violated);
  const { key } = examples;
  return {
    resource,
    list: operation({
      ...common,
      method: 'get',
      path,
      operationId: `list${noun}s`,
      summary: `Retrieve ${many}`,
      description: descriptions.list,
      request: { query: pageQuery },
      violations: exampleViolations('query', pageQuery, { limit: '1001' }),
      responses: {
        200: json('Successful response.', listSchema, {
          example: { query: pageExample, result: examples.list, total: examples.list.length },
        }),
      },
    }),
    create: operation({
      ...common,
      method: 'post',
      path,
      operationId: `create${noun}`,
      summary: `Create ${a}`,
      description: descriptions.create,
      parameters: [{ ...idempotencyKeyParameter, ...(key !== undefined && { example: key }) }],
      request: { body: body(`The ${one} you wish to create.`, creation, examples.creation) },
      violations: violatedBody,
      asksReceiver,
      problems: [kind.tooMany, ...asking, 'idempotencyKeyReused'],
      responses: {
        201: json(`The ${one} was created.`, withSecret, {
          example: exampleWithSecret,
          headers: ['ETag', 'Location', 'Idempotent-Replayed'],
        }),
      },
    }),
    get: operation({
      ...ofExisting,
      method: 'get',
      path: ofOne,
      operationId: `get${noun}`,
      summary: `Retrieve ${a}`,
      description: descriptions.get,
      conditional: 'read',
      request: { params },
      violations: violatedId,
      problems: ['notFound'],
      responses: {
        200: json('Successful response.', resource, { example: examples.one, headers: ['ETag'] }),
      },
    }),
    update: operation({
      ...ofExisting,
      method: 'put',
      path: ofOne,
      operationId: `update${noun}`,
      summary: `Update ${a}`,
      description: descriptions.update,
      conditional: 'write',
      request: {
        params,
        body: body(`The ${one} you wish to update.`, replacement, examples.update),
      },
      violations: violatedBody,
      asksReceiver,
      problems: [...problems, ...asking],
      responses: {
        200: json('Successful response.', resource, {
          example: examples.one,
          headers: ['ETag', 'Content-Location'],
        }),
      },
    }),
    delete: operation({
      ...ofExisting,
      method: 'delete',
      path: ofOne,
      operationId: `delete${noun}`,
      summary: `Delete ${a}`,
      description: descriptions.delete,
      conditional: 'write',
      request: { params },
      violations: violatedId,
      problems,
      responses: { 204: { description: 'Successfully removed.' } },
    }),
    rotate: operation({
      ...ofExisting,
      method: 'post',
      path: `${ofOne}/secrets` as const,
      operationId: rotation.operationId,
      summary: rotation.summary,
      description: descriptions.rotate,
      conditional: 'write',
      request: { params, body: body(rotation.body, rotation.schema, { overlap_seconds: 86_400 }) },
      violations: exampleViolations('json', rotation.schema, { overlap_seconds: -1 }),
      problems: ['notFound'],
      responses: {
        201: json(rotation.response, withSecret, {
          example: { ...exampleWithSecret, retired_secret_expires_at: '2026-03-02T12:00:00.000Z' },
          headers: ['ETag'],
        }),
      },
    }),
  };
}
