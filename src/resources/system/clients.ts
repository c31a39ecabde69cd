import { z } from '@hono/zod-openapi';
import { isScope, parseScope, scopes } from '../../auth/scopes.ts';
import { CLIENT_SECRET_PATTERN, newClientSecret } from '../../auth/secrets.ts';
import { member, optional } from '../../http/fields/member.ts';
import { partOf } from '../../http/fields/object.ts';
import { notModified } from '../../http/requests/conditional.ts';
import { reply } from '../../http/responses/reply.ts';
import { mounted, serve } from '../../http/serve.ts';
import { inCode, MAX_OPEN_ITEMS, openString } from '../../open-string.ts';
import type { Scope } from '../../policy.ts';
import { type CredentialRow, type CredentialValues, client } from './credentials.repository.ts';
import {
  credentialMembers,
  hashed,
  isRevoked,
  membersOf,
  requestsOf,
  rotationOf,
} from './credentials.ts';
import { ownedRoutes } from './owned.routes.ts';
import * as owned from './owned.ts';

const scopeNames = Object.keys(scopes) as [Scope, ...Scope[]];

/** The default scopes of a client. They only allow reading. */
const DEFAULT_SCOPES: Scope[] = ['prepared-tickets:read'];

/** The most scopes that a request may list, including repetitions. */
const MAX_SCOPES = 20;

const scope = openString(
  scopeNames,
  `A permission that a token can have (RFC 6749 §3.3). The scopes are ${inCode(scopeNames)}. More may be added.`,
).openapi('Scope');

/** Parses a list of scopes into one without repetitions, in the order of `scopes`. */
const scopeList = z
  .array(
    z.string({ error: 'Send each scope as a string.' }).superRefine((value, context) => {
      if (!isScope(value)) {
        const message = 'Send only scopes that the guide "Access tokens" lists.';
        context.addIssue({ code: 'custom', message, params: { code: 'invalid_format' } });
      }
    }),
    { error: 'Send an array of scopes.' },
  )
  // `min` and `max` would also count the characters of a string, and report a string as too short or long.
  .superRefine(({ length }, context) => {
    if (length < 1 || length > MAX_SCOPES) {
      const message =
        length < 1
          ? 'Send at least one scope that the guide "Access tokens" lists.'
          : 'Send each scope only once.';
      context.addIssue({ code: 'custom', message, params: { code: 'out_of_range' } });
    }
  })
  .transform((sent) => scopeNames.filter((name) => sent.includes(name)))
  .openapi({
    type: 'array',
    items: { type: 'string', enum: scopeNames },
    ...{ minItems: 1, maxItems: MAX_SCOPES },
  });

const members = credentialMembers('client');
const { id, name, ...others } = members;
const ofScopes = member('The scopes that tokens of the client can have.', {
  response: z.array(scope).openapi({ maxItems: MAX_OPEN_ITEMS }),
  request: scopeList,
});
const { update, creation } = requestsOf(members);

const example = {
  id: 'a8098c1a-f86e-4da5-8b1f-3d4c3a1e2f77',
  name: 'Workshop Berlin',
  scopes: ['prepared-tickets:read', 'prepared-tickets:write'] as Scope[],
  created_at: '2026-03-01T12:00:00.000Z',
  last_used_at: null,
  expires_at: null,
  disabled: false,
  retired_secret_expires_at: null,
};
/** The client that authenticates the requests of the examples. */
const administrationExample = {
  ...example,
  id: '3d1e5f6a-0b7c-4c8d-9e2f-1a2b3c4d5e6f',
  name: 'Administration',
  scopes: scopeNames,
  created_at: '2026-02-01T12:00:00.000Z',
  last_used_at: '2026-03-01T12:00:00.000Z',
};

const routes = ownedRoutes({
  path: '/v2/system/clients',
  id: 'client-id',
  access: 'credentials:manage',
  tag: 'Clients',
  kind: client,
  canBeInUse: true,
  names: { one: 'client', a: 'a client', many: 'clients' },
  noun: 'OAuthClient',
  members: {
    response: partOf({ id, name, scopes: ofScopes, ...others }, 'response'),
    secret: {
      pattern: `^${CLIENT_SECRET_PATTERN}$`,
      maxLength: 62,
      description:
        'The new secret. It is returned only once, so store it right away. It is `null` if the response repeats the creation of the client: to get a new secret, rotate it.',
    },
    creation: {
      ...creation,
      scopes: optional(ofScopes, DEFAULT_SCOPES, `\`${JSON.stringify(DEFAULT_SCOPES)}\``),
    },
    update: { ...update, scopes: ofScopes.request },
  },
  examples: {
    one: example,
    list: [example, administrationExample],
    // It has the form of a secret. Its checksum is wrong, so that no scanner reports it as a secret.
    secret: `pts_${'Example'.repeat(7)}`,
    creation: { name: example.name, scopes: example.scopes },
    update: { name: example.name, scopes: example.scopes, expires_at: null, disabled: false },
    violated: { name: '' },
  },
  descriptions: {
    one: 'One of your programs that calls this API (RFC 6749 §2). Its `id` is the `client_id` of token requests.',
    withSecret: 'A client with its new secret.',
    list: 'Retrieve your clients, newest first. The response does not contain their secrets.',
    create:
      'Create a client with a new secret. The secret is returned only in this response. Create a client for each program, with only the scopes that it needs. You can have at most five clients. With an `Idempotency-Key`, a retry creates no second client: it returns the original response again, with `null` for the secret.',
    get: 'Retrieve a single client by its identifier, without its secret.',
    update:
      'Update the name, scopes and expiry of a client, and disable or enable it. If you remove a scope, the tokens of the client lose it too, within 60 seconds. Disabling a client permanently revokes the old secrets that are still valid after a rotation.',
    delete:
      'Delete a client permanently. Its tokens stop working everywhere within 60 seconds. To keep the client in the list, disable it instead.',
    rotate:
      'Create a new secret that is valid immediately. The current secret stays valid for the overlap that you choose. Tokens already issued stay valid until they expire. If you do not receive the response, send the request again, at most four times. Each request creates another secret, and the one in use keeps its overlap.',
  },
  rotation: {
    operationId: 'rotateOAuthClientSecret',
    summary: 'Rotate the secret of a client',
    ...rotationOf('secret'),
  },
});

const clients = {
  kind: client,
  path: routes.list.path,
  newSecret: (c) => hashed(newClientSecret(c.var.home)),
  membersOf: (row, now) => ({
    ...{ id: row.id, name: row.name, scopes: parseScope(row.scopes ?? '').filter(isScope) },
    ...membersOf(row, now),
  }),
  isRevoked,
} satisfies owned.OwnedResource<CredentialValues, CredentialRow, object>;

/** The members of a request that describe a client. */
interface ClientBody extends Omit<CredentialValues, 'scopes'> {
  readonly scopes: readonly Scope[];
}

const valuesOf = ({ name, scopes, expires_at, disabled }: ClientBody) => ({
  ...{ name, scopes: scopes.join(' '), expires_at, disabled },
});

/** Mounts `/v2/system/clients`. */
export const mountClients = mounted(
  serve(routes.list, async (c) =>
    reply(c, routes.list, 200, ...(await owned.list(c, clients, c.req.valid('query')))),
  ),
  serve(routes.create, async (c) => {
    const values = valuesOf(c.req.valid('json'));
    return reply(c, routes.create, 201, ...(await owned.create(c, clients, values)));
  }),
  serve(routes.get, async (c) => {
    const [body, facts] = await owned.get(c, clients, c.req.valid('param')['client-id']);
    return notModified(c, facts.tag) ?? reply(c, routes.get, 200, body, facts);
  }),
  serve(routes.update, async (c) => {
    const clientId = c.req.valid('param')['client-id'];
    const values = valuesOf(c.req.valid('json'));
    return reply(c, routes.update, 200, ...(await owned.update(c, clients, clientId, values)));
  }),
  serve(routes.delete, (c) => owned.remove(c, clients, c.req.valid('param')['client-id'])),
  serve(routes.rotate, async (c) => {
    const clientId = c.req.valid('param')['client-id'];
    const { overlap_seconds } = c.req.valid('json');
    return reply(
      c,
      routes.rotate,
      201,
      ...(await owned.rotate(c, clients, clientId, overlap_seconds)),
    );
  }),
);
