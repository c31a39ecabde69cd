import { env } from 'cloudflare:workers';
import { repairCounts } from '../../src/resources/tickets/prepared-tickets/recount.repository.ts';
import { START, TICKETS } from './api.ts';
import { callOf, lenient, subjectOf } from './calls.ts';
import { operations } from './document.ts';
import { makeSpare, type TestPartner } from './partners.ts';
import { writePickedUp } from './picked-up-tickets.ts';
import { emptied, tables, tablesWith } from './tables.ts';
import { referencePath } from './tickets.ts';
import { basic } from './token-requests.ts';

/** The only ticket before each request, and the id of its only product line. */
const TICKET = '0b8ae2e9-6d0a-4d4e-b7a1-3c1f5a0d9e52';
const LINE = 'c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3';
/** The id of the client, the API key and the webhook endpoint that a request can change. */
const SPARE = '5f0c7b1e-2a64-4b1d-9a53-0d2c1f6e8b47';
/** The id of the only picked-up ticket, which no request changes. */
const PICKED_UP = '1d0f5c43-74b5-4d5f-8ad5-6f5a0e0f6a11';
/** The reference of the ticket. */
const REFERENCE = 'kept';
const CUSTOMER = '160c0c4b-9966-4dc1-a916-8407eb10d74e';

/** Resets all rows to their initial state. */
export async function resetRows(partner: TestPartner, { path }: Scenario): Promise<void> {
  const { partnerId: id, clientId, apiKeyId } = partner;
  const empty = emptied({ partners: id, clients: clientId, api_keys: apiKeyId });
  if (path.startsWith('/v2/system/')) {
    await run(empty);
    await makeSpare(partner, SPARE);
  } else {
    // Only a ticket with a VIN can be picked up.
    const vin = path.endsWith('/pick-up') ? "'JH4KA7630PC007649'" : 'NULL';
    await run([
      ...empty,
      `INSERT INTO ticket_numbers (partner_id, newest) VALUES (${id}, 1)`,
      `INSERT INTO prepared_tickets (id, partner_id, ticket_number, created_at, customer_id, vehicle_model_id, vin,
         preparer_external_reference)
       VALUES ('${TICKET}', ${id}, 1, ${START}, '${CUSTOMER}', 7, ${vin}, '${REFERENCE}')`,
      `INSERT INTO product_lines (ticket_number, product_id, partner_id, created_at, quantity)
       SELECT ticket_number, '${LINE}', ${id}, ${START}, 3 FROM prepared_tickets`,
      ...repairCounts,
    ]);
    await writePickedUp(partner, { id: PICKED_UP });
  }
}

const run = (statements: readonly string[]) =>
  env.DB.batch(statements.map((sql) => env.DB.prepare(sql)));

/**
 * The columns whose values differ between equal outcomes: ids, numbers, secrets and times. A name without a table
 * stands for the columns of all tables.
 */
const generated = [
  ...['id', 'event_id', 'ticket_number', 'sha256', 'secret_sha256', 'secret', 'retired_secret'],
  ...['created_at', 'picked_up_at', 'retired_at', 'retired_expires_at', 'tokens_from'],
  ...['begun_at', 'begun_1', 'begun_2', 'begun_3', 'newest_at', 'attempted_at', 'duration_ms'],
  ...['retired_secrets.expires_at', 'idempotency_keys.expires_at'],
  ...['idempotency_keys.key', 'idempotency_keys.result'],
  // A repeated replay of webhooks counts twice, and a fault after the response can leave out the attempt of a delivery.
  ...['replays', 'newest_delivery'],
];

/** SELECTs of everything but the events, the attempts of deliveries and what differs between equal outcomes. */
const contents = tables
  .filter(({ name }) => !['events', 'webhook_deliveries'].includes(name))
  .map(({ name: table, columns }) => {
    const compared = columns
      .map(({ name }) => name)
      .filter((name) => ![...generated, 'version'].includes(name))
      .filter((name) => !generated.includes(`${table}.${name}`));
    return `SELECT json_array(${compared}) AS row FROM ${table} ORDER BY 1`;
  });

/** SELECTs that also tell how often something was changed. The version of a line is a time. */
const changes = [
  'SELECT json_array(sequence, type, client_id) AS row FROM events ORDER BY sequence',
  ...tablesWith('version')
    .filter(({ name }) => !['events', 'product_lines'].includes(name))
    .map(({ name }) => `SELECT version AS row FROM ${name} ORDER BY 1`),
];

/** Returns SQL for all rows of queries as one text. The local D1 takes longer for many statements than for one. */
const textOf = (queries: readonly string[]) =>
  queries
    .map((query) => `(SELECT json_group_array(json(row)) FROM (${query}))`)
    .join(" || ',' || ");

/** Returns the content of the tables, and with it the changes that led to it. */
export async function stateOfRows(): Promise<{ contents: string; changes: string }> {
  const state = await env.DB.prepare(
    `SELECT ${textOf(contents)} AS contents, ${textOf(changes)} AS changes`,
  ).first<{ contents: string; changes: string }>();
  return state as { contents: string; changes: string };
}

/** A request of an operation, and the statuses that a client can receive if it repeats it after a 503. */
export interface Scenario {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** The status without a fault. `again` has the possible statuses of a repetition, if repeating is safe. */
  readonly right: number;
  readonly again?: readonly number[] | undefined;
  /** Whether another scenario has the same operation. */
  readonly isVariant?: boolean;
}

const rightOf: Record<string, number> = { POST: 201, DELETE: 204 };
/** The operations with another status. */
const otherRightOf: Record<string, number> = {
  sendTestWebhook: 202,
  replayWebhooks: 202,
  attemptWebhooks: 202,
  syncPreparedTickets: 200,
};
const againOf: Record<string, readonly number[]> = {
  ...{ GET: [200], PUT: [200], DELETE: [204, 404] },
  pickUpPreparedTicket: [200, 201],
  syncPreparedTickets: [200],
};

const subjects = {
  ticket: { id: TICKET, preparer_external_reference: REFERENCE },
  pickedUp: { id: PICKED_UP },
  spare: SPARE,
};

const everyOperation: Scenario[] = operations
  .filter(({ operationId }) => operationId !== 'createToken')
  .map((operation) => ({
    name: operation.operationId,
    ...callOf(operation, subjectOf(operation, subjects), LINE),
    right: otherRightOf[operation.operationId] ?? rightOf[operation.method] ?? 200,
    again: againOf[operation.operationId] ?? againOf[operation.method],
  }));

const ticket = `${TICKETS}/${TICKET}`;
const line = `${ticket}/product-lines/${LINE}`;
const newLine = `${ticket}/product-lines/${crypto.randomUUID()}`;
const named = (operationId: string) =>
  everyOperation.find(({ name }) => name === operationId) as Scenario;
const create = named('createPreparedTicket');
const batch = named('createPreparedTickets');
const batchItems = (batch.body as { prepared_tickets: object[] }).prepared_tickets;
const sync = named('syncPreparedTickets');
/** The ticket as it is before each request. */
const present = {
  customer_id: CUSTOMER,
  vehicle_model_id: 7,
  vin: null,
  preparer_external_reference: REFERENCE,
  product_lines: [{ product_id: LINE, quantity: 3 }],
};
const added = { ...present, preparer_external_reference: 'a new one', vin: 'JH4KA7630PC007649' };
const syncOf = (...prepared_tickets: object[]) => ({ body: { prepared_tickets } });
const partlyValid = { prepared_tickets: [{}, ...batchItems] };
const update = named('updatePreparedTicket');
const byReference = named('putPreparedTicketByReference');
const pickUp = named('pickUpPreparedTicket');
const putLine = named('putProductLine');
const updateEndpoint = named('updateWebhookEndpoint');
/** The values that the ticket has, and with its line. */
const unchanged = {
  ...{ vehicle_model_id: 7, vin: null, voucher_code: null },
  preparer_external_reference: REFERENCE,
};
const unchangedLines = {
  ...{ ...unchanged, customer_id: CUSTOMER },
  product_lines: [{ product_id: LINE, quantity: 3 }],
};
const newReference = referencePath('a new one');
/** Names the tag that any resource has: its version, after the number of the ticket if it has one. */
const matching = { 'if-match': '"1", "1-1"' };
const outdated = { headers: { 'if-match': '"1-9"' }, right: 412, again: [412] };
const key = { 'idempotency-key': '"one"' };
const absent = { 'if-none-match': '*' };
const ifAbsent = { headers: absent, right: 201, again: [201, 412] };

const forAnotherCustomer = ({ body }: Scenario) => ({
  body: { ...(body as object), customer_id: crypto.randomUUID() },
  ...{ right: 400, again: [400] },
});

/** Each write that evaluates `If-Match`, with the entity tag that the resource has. */
const ifMatching: Scenario[] = operations
  .filter(
    ({ method, parameters = [] }) =>
      method !== 'GET' && parameters.some(({ name }) => name === 'If-Match'),
  )
  .map(({ operationId, method }) => {
    const again = method === 'PUT' ? [200, 412] : named(operationId).again;
    return {
      ...named(operationId),
      name: `${operationId} if it matches`,
      headers: matching,
      again,
    };
  });

/** Returns every operation of the document in each relevant variant, for a caller with these credentials. */
export const scenariosOf = (partner: TestPartner): Scenario[] => [
  ...operationsOf(partner),
  ...variants.map((scenario) => ({ ...scenario, isVariant: true })),
];

const operationsOf = (partner: TestPartner): Scenario[] => [
  ...everyOperation.map((scenario) =>
    scenario.name === 'replayWebhooks'
      ? { ...scenario, body: { after: partner.cursor }, again: [202] }
      : scenario,
  ),
  {
    name: 'createToken',
    method: 'POST',
    path: '/oauth2/token',
    body: 'grant_type=client_credentials',
    headers: {
      ...basic(partner).headers,
      'content-type': 'application/x-www-form-urlencoded',
    },
    right: 200,
    again: [200],
  },
];

/** What a variant of an operation is called, and what differs from its usual request. */
type Variant = [name: string, operation: Scenario, changes: Partial<Scenario>];

const ofWrites: Variant[] = [
  ['create with a key', create, { headers: key, again: [201] }],
  [
    'create with a key, without a VIN',
    create,
    { body: { ...(create.body as object), vin: null }, headers: key, again: [201] },
  ],
  ['create a batch with a key', batch, { headers: key, again: [201] }],
  ['create a lenient batch', batch, { body: partlyValid, headers: lenient, right: 200 }],
  [
    'create a lenient batch with a key',
    batch,
    { body: partlyValid, headers: { ...key, ...lenient }, right: 200, again: [200] },
  ],
  [
    'create a lenient batch in which nothing is valid',
    batch,
    {
      ...{ body: { prepared_tickets: [{}] }, headers: { ...key, ...lenient } },
      ...{ right: 200, again: [200] },
    },
  ],
  ['sync what is there already', sync, syncOf(present)],
  [
    'sync a new ticket and a changed one',
    sync,
    syncOf(added, { ...present, vehicle_model_id: 8, product_lines: [] }, {}),
  ],
  [
    'sync a deletion and a new ticket',
    sync,
    syncOf({ preparer_external_reference: REFERENCE, deleted: true }, added),
  ],
  ['update of another customer', update, forAnotherCustomer(update)],
  ['update under an old tag', update, outdated],
  ['update with the values that it has', update, { body: unchanged, again: [200] }],
  [
    'update if it matches, with the values that it has',
    update,
    { body: unchanged, headers: matching, again: [200] },
  ],
  [
    'replace by reference if it matches, with the values and the lines that it has',
    byReference,
    { body: unchangedLines, headers: matching, again: [200] },
  ],
  [
    'replace by reference with a key, with the values that it has',
    byReference,
    { body: { ...unchanged, customer_id: CUSTOMER }, headers: key, again: [200] },
  ],
  ['put a line that it has', putLine, { body: { quantity: 3 }, headers: matching, again: [200] }],
  ['create a line', putLine, { path: newLine, right: 201, again: [200, 201] }],
  ['create a line if it is absent', putLine, { path: newLine, ...ifAbsent }],
  ['create a line that is there', putLine, { headers: absent, right: 412, again: [412] }],
  [
    'update if it is not an old state',
    update,
    { headers: { 'if-none-match': '"1-9"' }, again: [200] },
  ],
  [
    'delete a line that is not there',
    named('deleteProductLine'),
    { path: newLine, right: 404, again: [404] },
  ],
  ['create by reference', byReference, { path: newReference, right: 201, again: [200, 201] }],
  [
    'create by reference with a key',
    byReference,
    { path: newReference, headers: key, right: 201, again: [201] },
  ],
  ['create by reference if it is absent', byReference, { path: newReference, ...ifAbsent }],
  ['replace by reference with a key', byReference, { headers: key }],
  [
    'replace by reference if it matches, without lines',
    byReference,
    {
      body: { ...(byReference.body as object), product_lines: [] },
      ...{ headers: matching, again: [200, 412] },
    },
  ],
  [
    'replace by reference if it matches, with a key',
    byReference,
    { headers: { ...matching, ...key }, again: [200] },
  ],
  ['replace by reference for another customer', byReference, forAnotherCustomer(byReference)],
  ['pick up under an old tag', pickUp, outdated],
  [
    'pick up for another customer',
    pickUp,
    { body: { customer_id: crypto.randomUUID() }, right: 404, again: [404] },
  ],
  // API keys are not repeated here, because they use the same statements.
  ['create a client with a key', named('createOAuthClient'), { headers: key, again: [201] }],
  [
    'create a webhook endpoint with a key',
    named('createWebhookEndpoint'),
    { headers: key, again: [201] },
  ],
  [
    'update a webhook endpoint with a new URL',
    updateEndpoint,
    {
      body: { ...(updateEndpoint.body as object), url: 'https://new.garage.example/' },
      again: [200],
    },
  ],
];

const variants: Scenario[] = [
  ...ifMatching,
  ...ofWrites.map(([name, operation, changes]) => ({ ...operation, name, ...changes })),
  {
    name: 'read what is unchanged',
    method: 'GET',
    path: line,
    headers: { 'if-none-match': '"1-1"' },
    right: 304,
    again: [304],
  },
  ...[
    '?vin=&limit=1',
    `?customer_id=${CUSTOMER}&offset=1`,
    `?product_id=${LINE}&vin=`,
    '?ticket_number=1',
  ].map((query) => ({
    name: `list ${query}`,
    method: 'GET',
    path: TICKETS + query,
    right: 200,
    again: [200],
  })),
];
