import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SYNCS, TestApi, TICKETS } from './support/api.ts';
import { apiKeys, clients } from './support/credentials.ts';
import { ENDPOINTS, endpointPath, makeEndpoint } from './support/endpoints.ts';
import { followEvents } from './support/events.ts';
import { captureLog } from './support/faults.ts';
import { FaultyD1 } from './support/faulty-d1.ts';
import { expectExactCounts } from './support/naive-list.ts';
import { makePartner, type TestPartner } from './support/partners.ts';
import { deletionOf, order, outcomesOf, type SyncResult, sync } from './support/syncs.ts';
import {
  CUSTOMER,
  createTicket,
  linesPath,
  listTickets,
  newTicket,
  PRODUCT,
  putLine,
  referencePath,
  type Ticket,
  ticketUpdate,
  writeLine,
} from './support/tickets.ts';

let d1: FaultyD1;
/** The API whose answer from the database is lost, and another isolate that acts before the repetition. */
let api: TestApi;
let other: TestApi;
let partner: TestPartner;

beforeEach(async () => {
  captureLog();
  d1 = new FaultyD1();
  api = new TestApi({ DB: d1.db });
  other = new TestApi();
  partner = await makePartner({ lastUsedAt: Date.parse('2100-01-01') });
  await api.get(TICKETS, partner);
});

/** Sends a request whose first write takes effect without an answer; then `meanwhile` runs, and the write is repeated. */
async function sendLosing(
  [method, path, body]: readonly [string, string, unknown?],
  meanwhile: () => Promise<unknown>,
  headers: Record<string, string> = {},
): Promise<Response> {
  const wait = vi.spyOn(scheduler, 'wait').mockImplementationOnce(async () => {
    await meanwhile();
  });
  // The creation of an endpoint first looks up what stands against it.
  const write = method === 'POST' && path === ENDPOINTS ? 2 : 1;
  d1.plan((call) => (call === write ? 'after' : undefined));
  const response = await api.request(method, path, { as: partner, body, headers });
  expect(wait, 'the write was repeated').toHaveBeenCalledOnce();
  d1.plan();
  return response;
}

const newest = async () => (await listTickets(other, partner)).result[0] as Ticket;

const countOf = async (type: string) =>
  (await followEvents(other, partner)).filter((event) => event.type === type).length;

const deletion = async (path: string) =>
  expect((await other.delete(path, partner)).status).toBe(204);

describe('a write whose answer was lost takes effect once, although another request', () => {
  test('picks up the created ticket', async () => {
    const response = await sendLosing(['POST', TICKETS, newTicket], async () => {
      const { id } = await newest();
      await putLine(other, partner, id, PRODUCT);
      const path = `${TICKETS}/${id}/pick-up`;
      const pickedUp = await other.post(path, partner, { customer_id: CUSTOMER });
      expect(pickedUp.status).toBe(201);
    });
    expect(response.status).toBe(503);
    expect((await listTickets(other, partner)).total).toBe(0);
    expect(await countOf('prepared_ticket.created')).toBe(1);
  });

  test('deletes the created ticket', async () => {
    const response = await sendLosing(['POST', TICKETS, newTicket], async () =>
      deletion(`${TICKETS}/${(await newest()).id}`),
    );
    expect(response.status).toBe(503);
    expect((await listTickets(other, partner)).total).toBe(0);
  });

  test('updates the created ticket, which the response shows as it was created', async () => {
    const values = { ...newTicket, vin: null };
    const response = await sendLosing(['POST', TICKETS, newTicket], async () => {
      const updated = await other.put(`${TICKETS}/${(await newest()).id}`, partner, values);
      expect(updated.status).toBe(200);
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('etag')).toBe('"1-1"');
    expect(await response.json()).toMatchObject(newTicket);
    expect(await newest()).toMatchObject(values);
    expect(await countOf('prepared_ticket.created')).toBe(1);
  });

  test('deletes the ticket created by reference', async () => {
    const path = referencePath('R-1');
    const values = { customer_id: CUSTOMER, vehicle_model_id: 0, vin: null, voucher_code: null };
    const response = await sendLosing(['PUT', path, values], () => deletion(path));
    expect(response.status).toBe(503);
    expect((await other.get(path, partner)).status).toBe(404);
    expect(await countOf('prepared_ticket.created')).toBe(1);
  });

  test('creates a ticket again with the reference of the created one', async () => {
    const path = referencePath('R-1');
    const values = { customer_id: CUSTOMER, vehicle_model_id: 0, vin: null, voucher_code: null };
    let id: string | undefined;
    const response = await sendLosing(['PUT', path, values], async () => {
      await deletion(path);
      ({ id } = await createTicket(other, partner, { preparer_external_reference: 'R-1' }));
    });
    expect(response.status).toBe(503);
    expect(await (await other.get(path, partner)).json()).toMatchObject({ id });
    expect(await countOf('prepared_ticket.created')).toBe(2);
  });

  test.each(['id', 'reference'])('updates the ticket updated by %s', async (key) => {
    const { id } = await createTicket(other, partner, { preparer_external_reference: 'R-1' });
    const path = key === 'id' ? `${TICKETS}/${id}` : referencePath('R-1');
    const values = {
      customer_id: CUSTOMER,
      vehicle_model_id: 1,
      vin: null,
      voucher_code: null,
      preparer_external_reference: 'R-1',
    };
    const response = await sendLosing(['PUT', path, values], async () => {
      const updated = await other.put(path, partner, { ...values, vehicle_model_id: 2 });
      expect(updated.status).toBe(200);
    });
    expect(response.status).toBe(503);
    expect(await newest()).toMatchObject({ id, vehicle_model_id: 2 });
    expect(await countOf('prepared_ticket.updated')).toBe(2);
  });

  test('puts the same product line', async () => {
    const { id } = await createTicket(other, partner);
    const path = linesPath(id, PRODUCT);
    const response = await sendLosing(['PUT', path, { quantity: 1 }], () =>
      putLine(other, partner, id, PRODUCT, 2),
    );
    expect(response.status).toBe(503);
    expect(await (await other.get(path, partner)).json()).toMatchObject({ quantity: 2 });
    expect(await countOf('product_line.put')).toBe(2);
  });

  test.each(['id', 'reference'])('puts a line on the ticket updated by %s', async (key) => {
    const { id } = await createTicket(other, partner, { preparer_external_reference: 'R-1' });
    const path = key === 'id' ? `${TICKETS}/${id}` : referencePath('R-1');
    const values = { ...newTicket, vin: null, preparer_external_reference: 'R-1' };
    const response = await sendLosing(['PUT', path, values], () =>
      putLine(other, partner, id, PRODUCT),
    );
    expect(response.status).toBe(503);
    expect((await other.get(path, partner)).headers.get('etag')).toBe('"1-3"');
    expect(await countOf('prepared_ticket.updated')).toBe(1);
  });

  test('creates a ticket with the deleted reference', async () => {
    await createTicket(other, partner, { preparer_external_reference: 'R-1' });
    const path = referencePath('R-1');
    let id: string | undefined;
    const response = await sendLosing(['DELETE', path], async () => {
      ({ id } = await createTicket(other, partner, { preparer_external_reference: 'R-1' }));
    });
    expect(response.status).toBe(204);
    expect(await (await other.get(path, partner)).json()).toMatchObject({ id });
  });

  test('deletes and creates the ticket of a PUT with a key that changed nothing', async () => {
    const path = referencePath('R-1');
    const values = (vehicle_model_id: number) => ({
      ...{ ...newTicket, preparer_external_reference: 'R-1' },
      vehicle_model_id,
    });
    await other.put(path, partner, values(1));
    await other.put(path, partner, values(2));
    const replace = async () => {
      await deletion(path);
      expect((await other.put(path, partner, values(3))).status).toBe(201);
    };
    const key = { 'idempotency-key': '"one"' };
    // The new ticket has the version that the first one had before its last change.
    expect((await sendLosing(['PUT', path, values(2)], replace, key)).status).toBe(200);
    expect(await (await other.get(path, partner)).json()).toMatchObject({ vehicle_model_id: 3 });
    expect(await countOf('prepared_ticket.updated')).toBe(1);
  });

  test('puts the deleted product line again', async () => {
    const { id } = await createTicket(other, partner);
    await putLine(other, partner, id, PRODUCT, 1);
    const path = linesPath(id, PRODUCT);
    const response = await sendLosing(['DELETE', path], () =>
      putLine(other, partner, id, PRODUCT, 2),
    );
    expect(response.status).toBe(204);
    expect(await (await other.get(path, partner)).json()).toMatchObject({ quantity: 2 });
  });

  test('changes every ticket of a sync, whose answer is that of its first attempt', async () => {
    const withLines = (reference: string, values: object = {}) =>
      order(reference, { product_lines: [{ product_id: PRODUCT, quantity: 1 }], ...values });
    await sync(other, partner, withLines('R-1'), order('R-2'), withLines('R-3'));
    const { length: seen } = await followEvents(other, partner);
    const items = [
      ...[withLines('R-1', { vehicle_model_id: 8 }), deletionOf('R-2'), order('R-4')],
      withLines('R-3'),
    ];
    const response = await sendLosing(['POST', SYNCS, { prepared_tickets: items }], async () => {
      const outcomes = outcomesOf(
        await sync(
          other,
          partner,
          ...[order('R-1', { vehicle_model_id: 9, product_lines: [] }), order('R-2')],
          ...[deletionOf('R-4'), deletionOf('R-3')],
        ),
      );
      expect(outcomes).toEqual(['200 changed', '201 changed', '204 changed', '204 changed']);
    });
    expect(response.status).toBe(200);
    const { result } = await response.json<{ result: SyncResult[] }>();
    expect(outcomesOf(result)).toEqual(['200 changed', '204 changed', '201 changed', '200']);
    const product_lines = [{ product_id: PRODUCT, quantity: 1 }];
    expect(result).toMatchObject([
      { prepared_ticket: { vehicle_model_id: 8, ticket_number: 1, product_lines } },
      {},
      { prepared_ticket: { ticket_number: 4, product_lines: [] } },
      { prepared_ticket: { ticket_number: 3, product_lines } },
    ]);
    expect((await listTickets(other, partner)).result).toMatchObject([
      { preparer_external_reference: 'R-2', ticket_number: 5 },
      { preparer_external_reference: 'R-1', vehicle_model_id: 9 },
    ]);
    expect(await followEvents(other, partner)).toHaveLength(seen + 3 + 4);
  });

  test.each([
    ['does something else, and the response has the lines that the sync left', undefined, 200],
    ['changes the ticket, and the lines that the sync left are unknown', 9, 503],
  ])('%s', async (_what, vehicle_model_id, status) => {
    const product_lines = [{ product_id: PRODUCT, quantity: 2 }];
    await sync(other, partner, order('R-1', { product_lines }));
    const prepared_tickets = [order('R-1', { vehicle_model_id: 8 })];
    const response = await sendLosing(['POST', SYNCS, { prepared_tickets }], async () => {
      const reference = vehicle_model_id === undefined ? 'R-2' : 'R-1';
      await sync(
        other,
        partner,
        order(reference, vehicle_model_id === undefined ? {} : { vehicle_model_id }),
      );
    });
    expect(response.status).toBe(status);
    if (status === 200) {
      const { result } = await response.json<{ result: SyncResult[] }>();
      expect(result).toMatchObject([{ changed: true, prepared_ticket: { product_lines } }]);
    }
    expect(await countOf('prepared_ticket.updated')).toBe(vehicle_model_id === undefined ? 1 : 2);
  });

  test('deletes and creates a ticket whose lines the sync left, so that they are unknown', async () => {
    const product_lines = [{ product_id: PRODUCT, quantity: 2 }];
    await sync(other, partner, order('R-1', { product_lines }));
    const prepared_tickets = [order('R-1'), order('R-2')];
    const response = await sendLosing(['POST', SYNCS, { prepared_tickets }], async () => {
      await sync(other, partner, deletionOf('R-1'));
      // It has the version that the first one had, and other lines.
      await sync(other, partner, order('R-1'));
    });
    expect(response.status).toBe(503);
    expect(await countOf('prepared_ticket.created')).toBe(3);
  });

  test.each([clients, apiKeys])('rotates the same $name', async (kind) => {
    const made = await kind.make(other, partner);
    const path = `${kind.pathOf(made)}/secrets`;
    let current = made;
    const response = await sendLosing(['POST', path, { overlap_seconds: 0 }], async () => {
      current = await kind.rotate(other, partner, made, 0);
    });
    expect(response.status).toBe(503);
    expect(await countOf(`${kind === clients ? 'client' : 'api_key'}.rotated`)).toBe(2);
    expect((await kind.trySecret(other, partner, current)).status).toBe(200);
  });

  test.each([clients, apiKeys])('deletes the created $name', async (kind) => {
    const total = await kind.total(other, partner);
    const response = await sendLosing(['POST', kind.path, { name: 'Workshop' }], async () => {
      const { result } = await (await other.get(kind.path, partner)).json<{
        result: { id: string; name: string }[];
      }>();
      const created = result.find(({ name }) => name === 'Workshop') as { id: string };
      await deletion(kind.pathOf(created));
    });
    expect(response.status).toBe(201);
    expect(await kind.total(other, partner)).toBe(total);
  });

  test('rotates the secret of the same webhook endpoint', async () => {
    const endpoint = await makeEndpoint(other, partner);
    const path = endpointPath(endpoint, '/secrets');
    const secret = () => env.DB.prepare('SELECT secret FROM webhook_endpoints').first('secret');
    let current: unknown;
    const response = await sendLosing(['POST', path, { overlap_seconds: 60 }], async () => {
      expect((await other.post(path, partner, { overlap_seconds: 60 })).status).toBe(201);
      current = await secret();
    });
    expect(response.status).toBe(503);
    expect(await secret()).toBe(current);
  });

  test.each([
    ['client', clients.path, { name: 'Workshop' }],
    ['API key', apiKeys.path, { name: 'Workshop' }],
    ['webhook endpoint', ENDPOINTS, { url: 'https://hooks.garage.example/' }],
  ])('updates the same %s', async (_name, collection, values) => {
    const { id } = await (await other.post(collection, partner, values)).json<{ id: string }>();
    const path = `${collection}/${id}`;
    const read = async () => (await other.get(path, partner)).json<object>();
    const sent = await read();
    let current: unknown;
    const response = await sendLosing(['PUT', path, sent], async () => {
      current = await (await other.put(path, partner, { ...sent, disabled: true })).json();
    });
    expect(response.status).toBe(503);
    expect(await read()).toEqual(current);
  });

  test('deletes the created webhook endpoint', async () => {
    const body = { url: 'https://hooks.garage.example/' };
    const response = await sendLosing(['POST', ENDPOINTS, body], async () => {
      const { result } = await (await other.get(ENDPOINTS, partner)).json<{
        result: { id: string }[];
      }>();
      await deletion(endpointPath(result[0] as { id: string }));
    });
    expect(response.status).toBe(201);
    expect(await (await other.get(ENDPOINTS, partner)).json()).toMatchObject({ total: 0 });
  });

  afterEach(() => expectExactCounts());
});

/** Each with a body that changes a value, with the type of its event, and with the tag after it. */
const puts: [string, (id: string) => string, object, string, string][] = [
  [
    'by id',
    (id) => `${TICKETS}/${id}`,
    { ...ticketUpdate, vin: null },
    'prepared_ticket.updated',
    '"1-2"',
  ],
  [
    'by reference without lines',
    () => referencePath(newTicket.preparer_external_reference),
    { ...newTicket, vin: null },
    'prepared_ticket.updated',
    '"1-2"',
  ],
  [
    'by reference with lines',
    () => referencePath(newTicket.preparer_external_reference),
    { ...newTicket, product_lines: [] },
    'prepared_ticket.updated',
    '"1-2"',
  ],
  ['of a line', (id) => linesPath(id, PRODUCT), { quantity: 2 }, 'product_line.put', '"1-5"'],
];

describe.each(puts)('a PUT %s whose answer was lost', (_what, pathOf, body, type, tag) => {
  const key = { 'idempotency-key': '"one"' };
  let path: string;

  beforeEach(async () => {
    const { id } = await createTicket(other, partner);
    await writeLine(id, PRODUCT);
    path = pathOf(id);
  });

  const putLosing = async (headers: Record<string, string>) => {
    vi.spyOn(scheduler, 'wait').mockResolvedValue();
    d1.plan((call) => (call === 1 ? 'after' : undefined));
    const response = await api.request('PUT', path, { as: partner, body, headers });
    expect(d1.calls).toBeGreaterThan(1);
    d1.plan();
    return response;
  };

  const expectFirst = async (response: Response) => {
    expect([response.status, response.headers.get('etag')]).toEqual([200, tag]);
    expect(response.headers.has('idempotent-replayed')).toBe(false);
    expect(await response.json()).toEqual(await (await other.get(path, partner)).json());
    expect(await countOf(type)).toBe(1);
    await expectExactCounts();
  };

  test('answers what it did, although the values are equal now and the tag is another', async () => {
    await expectFirst(await putLosing({ 'if-match': '"1-1"' }));
  });

  test('answers what it did with a key, which is kept once', async () => {
    await expectFirst(await putLosing({ 'if-match': '"1-1"', ...key }));
  });

  test('answers as ever if it changed nothing, and keeps a key that was sent', async () => {
    await other.put(path, partner, body);
    await expectFirst(await putLosing({ 'if-match': tag, ...key }));
  });
});

test('a PUT of a new line whose answer was lost answers that it is new', async () => {
  const { id } = await createTicket(other, partner);
  const path = linesPath(id, PRODUCT);
  const response = await sendLosing(['PUT', path, { quantity: 1 }], async () => undefined);
  expect([response.status, response.headers.get('etag')]).toEqual([201, '"1-4"']);
  expect((await other.get(path, partner)).headers.get('etag')).toBe('"1-4"');
});
