import { beforeEach, describe, expect, test } from 'vitest';
import { partnerExample } from '../../src/resources/system/partner/partner.ts';
import { ORIGIN } from '../support/api.ts';
import { canBeLenient, lenient, namesReference, picksUp } from '../support/calls.ts';
import {
  type DocumentedMedia,
  type DocumentedOperation,
  document,
  operations,
} from '../support/document.ts';
import { captureLog } from '../support/faults.ts';
import { everywhere, main } from '../support/homes.ts';
import { makeSpare } from '../support/partners.ts';
import { removePickedUp, writePickedUp } from '../support/picked-up-tickets.ts';
import { provocations } from '../support/provocations.ts';
import { operationNamed, Scene, strangersAuthorization, TOKEN } from '../support/scene.ts';
import { textOf } from '../support/texts.ts';
import { NOBODY, PRODUCT, putLine, ticketPath, writeTicket } from '../support/tickets.ts';

/** Sends the request examples of the document to the API, and compares its responses with the examples. */

type Json = null | boolean | number | string | Json[] | { [member: string]: Json };
type Example = Record<string, Json> & { status: number; violations?: Violation[] };
type Violation = { in: string; name: string; pointer: string; code: string };

function examplesOf({ example, examples = {} }: DocumentedMedia): [name: string, value: never][] {
  const named = Object.entries(examples).map(([name, { value }]) => [name, value] as const);
  return [...(example === undefined ? [] : [['example', example] as const]), ...named] as never;
}

const isJson = (type: string) => /json$/.test(type) && type !== 'application/x-ndjson';

/** Returns the first entry of a body, by its media type. */
function entryOf(type: string, text: string): Json {
  const [first = '', second = ''] = text.split(/\r?\n/);
  if (type.startsWith('text/csv')) {
    const values = second.split(',');
    return Object.fromEntries(first.split(',').map((name, i) => [name, values[i] ?? '']));
  }
  return JSON.parse(type === 'application/x-ndjson' ? first : text);
}

const responseExamples = operations.flatMap((operation) =>
  Object.entries(operation.responses).flatMap(([status, { content = {} }]) =>
    Object.entries(content).flatMap(([type, media]) =>
      examplesOf(media).map(([name, value]) => ({
        what: `${operation.operationId} ${status} ${name}${isJson(type) ? '' : ` in ${type}`}`,
        type,
        isSuccess: status.startsWith('2'),
        isProblem: type === 'application/problem+json',
        ...{ operation, name, value, status },
      })),
    ),
  ),
);

const create = operationNamed('createPreparedTicket');
const ticketExample = create.requestBody?.content['application/json']?.example as never;
const form = Object.values(operationNamed(TOKEN).requestBody?.content ?? {})[0]?.example as Record<
  string,
  string
>;

/** The scene of the examples: their client, and their ticket, which has the id of the example. */
let scene: Scene;

beforeEach(async () => {
  scene = await Scene.set(ticketExample, {
    clientId: form.client_id,
    clientSecret: form.client_secret,
    // The secret of the example is one of a client of this home.
    home: main,
    partnerName: partnerExample.name,
  });
});

/** Sends the example of the request body unchanged. */
function sendExample(
  operation: DocumentedOperation,
  headers: Record<string, string> = {},
): Promise<Response> {
  if (operation.operationId === TOKEN) {
    const body = new URLSearchParams(form).toString();
    return scene.send(operation, { body, headers: { authorization: null } });
  }
  return picksUp(operation)
    ? scene.succeed(operation, { headers })
    : scene.send(operation, { headers });
}

describe('a request', () => {
  test.each(operations.filter(({ requestBody }) => requestBody))(
    'of $operationId succeeds with the unchanged example',
    async (operation) => {
      const response = await sendExample(operation);
      expect(response.ok, await response.clone().text()).toBe(true);
    },
  );
});

/** Members with a new value in each response. */
const generatedMembers = [
  ...['id', 'ticket_id', 'prepared_ticket_id', 'created_at', 'picked_up_at', 'ticket_number'],
  ...['access_token', 'secret', 'retired_secret_expires_at', 'next', 'version'],
];
const keyMembers = ['kid', 'x', 'y'];
const exampleOrigin = 'https://prepared-tickets.example.com';

/** Returns the example with the generated values of the response. */
function withGeneratedValues(response: Json, example: Json): Json {
  if (Array.isArray(example)) {
    return example.map((item, index) =>
      withGeneratedValues((response as Json[])?.[index] ?? null, item),
    );
  }
  if (typeof example === 'string') {
    return example.replace(exampleOrigin, ORIGIN);
  }
  if (typeof example !== 'object' || example === null) {
    return example;
  }
  const given = (response ?? {}) as Record<string, Json>;
  return Object.fromEntries(
    Object.entries(example).map(([name, value]) => {
      const generated = given[name];
      const isGenerated =
        [...generatedMembers, ...keyMembers].includes(name) && typeof generated === typeof value;
      return [
        name,
        isGenerated ? (generated as Json) : withGeneratedValues(generated ?? null, value),
      ];
    }),
  );
}

describe('a successful response', () => {
  test.each(responseExamples.filter(({ isSuccess }) => isSuccess))(
    '$what equals the example',
    async ({ operation, status, type, value }) => {
      if (status === '200' && operation.operationId !== TOKEN) {
        if (operation.operationId === 'listEvents') {
          // The example also has the event of a line.
          await putLine(scene.api, scene.partner, scene.ticket.id, PRODUCT);
        }
        // A pick-up is repeated, and every other request finds a ticket with a line.
        await scene.succeed(operation);
      }
      if (status === '201' && namesReference(operation)) {
        await scene.api.delete(ticketPath(scene.ticket.id), scene.partner);
        await removePickedUp();
      }
      const response = await (status === '200' && canBeLenient(operation)
        ? violate(operation, refusalOf(operation), lenient)
        : status === '200' && picksUp(operation)
          ? scene.send(operation)
          : sendExample(operation, { accept: type }));
      expect(response.status).toBe(Number(status));
      const body = entryOf(type, await textOf(response));
      const example = typeof value === 'string' ? entryOf(type, value) : value;
      expect(withGeneratedValues(body, example)).toEqual(body);
    },
  );

  test('the examples of the components equal those of the responses', () => {
    const { PreparedTicket, ProductLine, Ticket } = document.components.schemas;
    const values = responseExamples.map(({ value }) => value);
    expect(values).toContainEqual(PreparedTicket.example);
    expect(values).toContainEqual(ProductLine.example);
    expect(values).toContainEqual(Ticket.example);
  });
});

/** An invalid value for each code of a violation, and for the members and parameters that need another one. */
const invalidValues: Record<string, Json> = {
  invalid_format: 'x',
  out_of_range: -1,
  too_short: '',
  '#/vin': 'JH4KA7630PC00764',
  '#/prepared_tickets': [],
  '#/url': 'http://127.0.0.1/',
  limit: 10_001,
};

/** The example of a violation that an operation shows. */
const refusalOf = (operation: DocumentedOperation) =>
  operation.responses[400]?.content?.['application/problem+json']?.examples?.violations
    ?.value as Example;

/** A copy of a body in which the member at a path has a broken value. */
function withBroken(body: Json, [step, ...rest]: readonly string[], value: Json): Json {
  const copy = structuredClone(body) as Record<string, Json>;
  const name = step as string;
  copy[name] = rest.length === 0 ? value : withBroken(copy[name] as Json, rest, value);
  return copy;
}

/** Sends a request with the violation of the example. */
function violate(
  operation: DocumentedOperation,
  { violations = [] }: Example,
  headers: Record<string, string> = {},
): Promise<Response> {
  const [first] = violations as [Violation];
  if (first.in === 'path') {
    if (namesReference(operation)) {
      return scene.send(operation, { id: 'R'.repeat(256) });
    }
    return scene.send(operation, { id: 'nonsense' });
  }
  if (first.in === 'query') {
    return scene.send(operation, { query: `?${first.name}=${invalidValues[first.name]}` });
  }
  if (first.in === 'header') {
    return scene.send(operation, { headers: { [first.name]: 'x' } });
  }
  const valid = operation.requestBody?.content['application/json']?.example as Json;
  const path = first.pointer.slice('#/'.length).split('/');
  const value = (invalidValues[`#/${path.at(-1)}`] ?? invalidValues[first.code]) as Json;
  return scene.send(operation, { body: withBroken(valid, path, value), headers });
}

type Provoke = (operation: DocumentedOperation, example: Example) => Promise<Response>;

const withBody =
  (body: unknown): Provoke =>
  (operation) =>
    scene.send(operation, { body });

const withHeaders =
  (headers: Record<string, string | null>): Provoke =>
  (operation) =>
    scene.succeed(operation, { headers });

/**
 * A request that leads to an example of an error, by the name of the example: for those that have another name than
 * their problem, or special values.
 */
const causes: Record<string, Provoke> = {
  violations: violate,
  emptyBody: withBody(''),
  notJson: withBody('{"vin":'),
  notUtf8: withBody(new Uint8Array([0x7b, 0xff, 0x7d])),
  tokenMissing: withHeaders({ authorization: null }),
  keyMissing: withHeaders({ 'x-api-key': null }),
  notFound: (operation) => scene.send(operation, { id: NOBODY }),
  notJsonType: withHeaders({ 'content-type': 'text/plain' }),
  contentCoding: withHeaders({ 'content-encoding': 'gzip' }),
  ambiguousReference: async (operation, { prepared_ticket_ids: ids }) => {
    const [newest, oldest] = ids as [string, string];
    const setId = (id: string, where: string) =>
      everywhere(`UPDATE prepared_tickets SET id = ? WHERE ${where}`, id);
    await setId(oldest, 'true');
    await writeTicket(scene.partner, scene.ticket);
    await setId(newest, `id <> '${oldest}'`);
    return scene.send(operation);
  },
  pickedUp: async (operation, { ticket }) => {
    const id = (ticket as string).split('/').at(-1) as string;
    await putLine(scene.api, scene.partner, scene.ticket.id, PRODUCT);
    await everywhere('UPDATE prepared_tickets SET id = ?', id);
    await scene.send(operationNamed('pickUpPreparedTicket'), { id });
    return scene.send(operation, namesReference(operation) ? {} : { id });
  },
  partner: (operation) => scene.sendTooOften(operation, 'partner'),
  batches: (operation) => scene.sendTooOften(operation, 'batches'),
  exports: (operation) => scene.sendTooOften(operation, 'exports'),
  searches: (operation) => scene.sendTooOften(operation, 'searches'),
  consents: (operation) => scene.sendTooOften(operation, 'consents'),
  replays: (operation) => scene.sendTooOften(operation, 'replays'),
  'token-requests': (operation) => scene.sendTooOften(operation, 'token-requests'),
  'refused-credentials': (operation) => scene.sendTooOften(operation, 'refused-credentials'),
  invalid_request: withBody('scope=prepared-tickets:read'),
  unauthorized_client: async (operation) => {
    await everywhere('UPDATE clients SET disabled_at = 0 WHERE id = ?', scene.partner.clientId);
    return scene.send(operation);
  },
  unsupported_grant_type: withBody('grant_type=password'),
  invalid_scope: withBody('grant_type=client_credentials&scope=tickets:delete'),
  malformed: withHeaders({ authorization: null }),
  unknown: withHeaders(strangersAuthorization),
};

/** Returns what leads to an example: an entry of the table above, or else what provokes the problem of its name. */
const causeOf = (name: string): Provoke =>
  causes[name] ??
  ((operation) => provocations[name as keyof typeof provocations](scene, operation));

describe('an error response', () => {
  test.each(responseExamples.filter(({ isSuccess }) => !isSuccess))(
    '$what equals the example',
    async ({ operation, name, value, status, isProblem }) => {
      captureLog();
      const response = await causeOf(name)(operation, value);
      const { request_id: requestId, ...body } = await response.json<Example>();
      const { request_id: _example, ...example } = value as Example;
      expect(body).toEqual(example);
      expect(response.status).toBe(Number(status === 'default' ? example.status : status));
      expect(requestId !== undefined).toBe(isProblem);
    },
  );
});

const parameters = operations.flatMap((operation) =>
  (operation.parameters ?? []).map((parameter) => ({
    what: `${parameter.name} of ${operation.operationId}`,
    ...{ operation, parameter },
  })),
);

describe('a parameter', () => {
  // A cursor is bound to the partner and the filters, so that none would be accepted as it stands.
  const paged = ['limit', 'offset', 'after'];

  test('has an example or a default, unless it is a cursor', () => {
    const without = parameters.filter(
      ({ parameter: { name, example } }) => example === undefined && !paged.includes(name),
    );
    expect(without.map(({ what }) => what)).toEqual([]);
  });

  test.each(parameters.filter(({ parameter }) => parameter.example !== undefined))(
    '$what accepts the unchanged example',
    async ({ operation, parameter: { name, in: place, example } }) => {
      // The tag of a ticket contains its number, which is generated.
      const { ticket_number } = operation.path.includes('{ticket-id}')
        ? scene.pickedUp
        : scene.ticket;
      const value = String(example).replace(/(?<=")\d+(?=-)/, `${ticket_number}`);
      if (name === 'prepared-ticket-id') {
        await putLine(scene.api, scene.partner, scene.ticket.id, PRODUCT);
        await everywhere('UPDATE prepared_tickets SET id = ?', value);
        expect((await scene.send(operation, { id: value })).ok).toBe(true);
        return;
      }
      if (name === 'ticket-id') {
        await writePickedUp(scene.partner, { id: value });
        expect((await scene.send(operation, { id: value })).ok).toBe(true);
        return;
      }
      if (name === 'client-id' || name === 'key-id' || name === 'endpoint-id') {
        const id = await makeSpare(scene.partner, value);
        expect((await scene.send(operation, { id })).ok).toBe(true);
        return;
      }
      if (place === 'path' && namesReference(operation)) {
        await everywhere('UPDATE prepared_tickets SET preparer_external_reference = ?', value);
        expect((await scene.send(operation, { id: value })).ok).toBe(true);
        return;
      }
      if (name === 'product-id') {
        expect((await scene.succeed(operation, { productId: value })).ok).toBe(true);
        return;
      }
      const response = await scene.succeed(
        operation,
        place === 'header'
          ? { headers: { [name]: value } }
          : { query: `?${new URLSearchParams({ [name]: value })}` },
      );
      expect(response.status, await textOf(response.clone())).toBe(
        name === 'If-None-Match' && operation.method === 'GET'
          ? 304
          : canBeLenient(operation) && name !== 'Prefer'
            ? 201
            : picksUp(operation)
              ? 201
              : Number(Object.keys(operation.responses)[0]),
      );
    },
  );
});
