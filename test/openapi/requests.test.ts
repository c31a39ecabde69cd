import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { picksUp } from '../support/calls.ts';
import {
  type DocumentedMedia,
  type DocumentedOperation,
  document,
  operations,
  validatorOf,
} from '../support/document.ts';
import { operationNamed, Scene } from '../support/scene.ts';

/** The API accepts exactly the requests that the document describes. */

let scene: Scene;

beforeEach(async () => {
  scene = await Scene.set();
});

const lengths = [0, 1, 3, 4, 8, 9, 16, 17, 18, 36, 255, 256];
const characters = ['A', 'a', '-', '🚗'];
const uuid = '160c0c4b-9966-4dc1-a916-8407eb10d74e';

/** Deletes the credentials and endpoints of earlier requests, because a partner can have only five of each kind. */
const removeCreated = () =>
  env.DB.batch(
    [
      'DELETE FROM retired_secrets',
      `DELETE FROM clients WHERE id NOT IN ('${scene.partner.clientId}', '${scene.spare}')`,
      `DELETE FROM api_keys WHERE id NOT IN ('${scene.partner.apiKeyId}', '${scene.spare}')`,
      `DELETE FROM webhook_endpoints WHERE id <> '${scene.spare}'`,
    ].map((sql) => env.DB.prepare(sql)),
  );

/** Values around every limit in the document. */
const values: readonly unknown[] = [
  ...characters.flatMap((character) => lengths.map((length) => character.repeat(length))),
  ...['\0', 'A\0', uuid, uuid.toUpperCase(), `{${uuid}}`, `urn:uuid:${uuid}`, `${uuid}\n`],
  ...['00000000-0000-0000-0000-000000000000', uuid.replaceAll('-', ''), '1', '01', '1e3', '-0'],
  ...[
    -1,
    0,
    1,
    1.5,
    1e3,
    2 ** 31 - 1,
    2 ** 31,
    Number.MAX_SAFE_INTEGER,
    2 ** 53,
    -(2 ** 53),
    1e300,
  ],
  ...[null, true, [], {}, ['A'], [1]],
];

function isValid(schema: object, value: unknown): boolean {
  return validatorOf(schema).validate(value).valid;
}

interface BodySchema {
  readonly properties: Record<string, { readonly description: string }>;
}

/** Returns the schema and the example of a request body. */
function bodyOf({ requestBody }: DocumentedOperation) {
  const media = requestBody?.content['application/json'] as DocumentedMedia;
  const { $ref } = media.schema as { $ref: string };
  const schema: BodySchema = document.components.schemas[$ref.replace('#/components/schemas/', '')];
  return { schema, example: media.example as Record<string, unknown> };
}

/** Members that must also equal their current value, which no schema can express. */
const immutable: Record<string, string[]> = {
  updatePreparedTicket: ['customer_id'],
  putProductLine: ['ticket_id', 'product_id'],
  putPreparedTicketByReference: ['customer_id', 'preparer_external_reference'],
  // A cursor must also be one of the partner, and the body has either member.
  replayWebhooks: ['after', 'sequence'],
};

const withJson = operations.filter(
  ({ requestBody }) => requestBody && 'application/json' in requestBody.content,
);

/** Clients and API keys share their members, whose limits have their own tests. */
const sharesMembers = ({ path }: DocumentedOperation) => path.startsWith('/v2/system/');

const members = withJson.flatMap((operation) => {
  const { operationId: id } = operation;
  return Object.entries(bodyOf(operation).schema.properties)
    .filter(([member]) => !immutable[id]?.includes(member))
    .map(([member, { description }]) => {
      const isReadOnly = description.startsWith('Read-only: ignored');
      return {
        what: `${member} of ${id}`,
        tried: isReadOnly || sharesMembers(operation) ? values.slice(-20) : values,
        ...{ operation, member, isReadOnly },
      };
    });
});

/** Returns whether a response is that of a sync with an invalid item, which does not stop the others. */
const hasInvalidItem = (text: string) => text.includes('"status":400');

describe('the API accepts a member of a body if and only if it is read-only or matches its schema', () => {
  test.each(members)('$what', async ({ operation, member, tried, isReadOnly }) => {
    const { schema, example } = bodyOf(operation);
    const { [member]: _left, ...without } = example;
    for (const body of [without, ...tried.map((value) => ({ ...without, [member]: value }))]) {
      if (operation.operationId.startsWith('create')) {
        await removeCreated();
      }
      const response = await scene.send(operation, { body });
      // A pick-up of a ticket that is not ready, or another customer's, is refused for another reason.
      const isAccepted = picksUp(operation)
        ? response.status !== 400
        : response.ok && !hasInvalidItem(await response.text());
      const what = `${JSON.stringify(body)}: ${response.status}`;
      expect(isAccepted, what).toBe(isReadOnly || isValid(schema, body));
    }
  });

  test('accepts and documents the same values of `deleted` in a sync', async () => {
    const operation = operationNamed('syncPreparedTickets');
    const { schema, example } = bodyOf(operation);
    const [order] = example.prepared_tickets as object[];
    for (const deleted of [undefined, false, true, null, 'yes', 0]) {
      const body = { prepared_tickets: [{ ...order, deleted }] };
      const response = await scene.send(operation, { body });
      const isAccepted = !hasInvalidItem(await response.text());
      expect(isAccepted, String(deleted)).toBe(isValid(schema, JSON.parse(JSON.stringify(body))));
    }
  });

  test.each([...new Set(members.map(({ operation }) => operation))])(
    '$operationId rejects an unknown member',
    async (operation) => {
      const { schema, example } = bodyOf(operation);
      const body = { ...example, colour: 'red' };
      expect(isValid(schema, body)).toBe(false);
      expect((await scene.send(operation, { body })).status).toBe(400);
    },
  );
});

/** Returns the value of a query parameter in the type that the document declares. */
function parsed(text: string, { type }: { type?: string }): unknown {
  return type === 'integer' && /^(?:0|-?[1-9][0-9]*)$/.test(text) ? Number(text) : text;
}

const parameters = ['listPreparedTickets', 'listProductLines'].flatMap((id) => {
  const operation = operationNamed(id);
  return (operation.parameters ?? [])
    .filter((parameter) => parameter.in === 'query')
    .map((parameter) => ({ what: `${parameter.name} of ${id}`, operation, parameter }));
});

describe('the API accepts a query parameter if and only if it matches its schema', () => {
  const texts = values.filter((value) => typeof value !== 'object').map(String);

  test.each(parameters)('$what', async ({ operation, parameter: { name, schema } }) => {
    for (const text of texts) {
      const query = `?${new URLSearchParams({ [name]: text })}`;
      const response = await scene.send(operation, { query });
      const isExpected = isValid(schema, parsed(text, schema));
      expect(response.ok, `${JSON.stringify(text)}: ${response.status}`).toBe(isExpected);
    }
  });
});
