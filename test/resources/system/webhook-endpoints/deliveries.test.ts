import { env } from 'cloudflare:workers';
import { Webhook } from 'standardwebhooks';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  bodyOf,
  testEvent,
} from '../../../../src/resources/system/webhook-endpoints/delivery/message.ts';
import { START, TestApi } from '../../../support/api.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import {
  type CreatedEndpoint,
  changeEndpoint,
  endpointPath,
  HOOK,
  makeEndpoint,
} from '../../../support/endpoints.ts';
import { followEvents } from '../../../support/events.ts';
import { captureLog } from '../../../support/faults.ts';
import { FaultyD1 } from '../../../support/faulty-d1.ts';
import { createTicket, expectViolations } from '../../../support/tickets.ts';
import { Receiver } from '../../../support/webhooks.ts';

let made: CreatedEndpoint;

beforeEach(async () => {
  await makeApiAndPartner();
  made = await makeEndpoint(api, partner);
});

interface Delivery {
  readonly event: { readonly id: string; readonly type: string; readonly sequence: number | null };
  readonly attempt: number;
  readonly attempted_at: string;
  readonly status: number | null;
  readonly error: string | null;
  readonly response_text: string | null;
  readonly duration_ms: number;
}

interface DeliveryList {
  readonly query: object;
  readonly result: readonly Delivery[];
  readonly total: number;
}

const list = async (query = '', of = made) => {
  const response = await api.get(endpointPath(of, `/deliveries${query}`), partner);
  expect(response.status).toBe(200);
  return { response, ...(await response.json<DeliveryList>()) };
};

/** Writes deliveries with the numbers from `first` to `last`, of which those before `first` were removed. */
const writeDeliveries = (first: number, last: number) =>
  env.DB.batch([
    env.DB.prepare(
      `WITH RECURSIVE n (i) AS (SELECT ?2 UNION ALL SELECT i + 1 FROM n WHERE i < ?3)
       INSERT INTO webhook_deliveries SELECT ?1, i, format('00000000-0000-4000-8000-%012d', i),
         'client.updated', i, 1, ?4 + i, 5, iif(i % 2, 204, NULL), iif(i % 2, NULL, 'timeout'), NULL FROM n`,
    ).bind(made.id, first, last, START),
    env.DB.prepare(
      'UPDATE webhook_endpoints SET newest_delivery = ?2, removed_delivery = ?3 WHERE id = ?1',
    ).bind(made.id, last, first - 1),
  ]);

describe('the list of deliveries', () => {
  test('is empty at first', async () => {
    const { query, result, total } = await list();
    expect({ query, result, total }).toEqual({
      ...{ query: { limit: 25, offset: 0 }, result: [], total: 0 },
    });
  });

  test('has each attempt, the newest first', async () => {
    const receiver = new Receiver(api, [made]);
    await createTicket(api, partner);
    receiver.reply = () => new Response('overloaded', { status: 503 });
    const again = await receiver.deliver(made);
    const first = api.now;
    api.now = again as number;
    receiver.reply = () => new Response();
    await receiver.deliver(made);
    const event = (await followEvents(api, partner)).at(-1);
    const { result, total } = await list();
    const shown = { id: event?.id, type: 'prepared_ticket.created', sequence: 2 };
    const at = (time: number) => new Date(time).toISOString();
    expect(total).toBe(2);
    expect(result).toEqual([
      {
        ...{ event: shown, attempt: 2, attempted_at: at(api.now), status: 200, error: null },
        ...{ response_text: null, duration_ms: 0 },
      },
      {
        ...{ event: shown, attempt: 1, attempted_at: at(first), status: 503, error: null },
        ...{ response_text: 'overloaded', duration_ms: 0 },
      },
    ]);
  });

  test.each<[what: string, body: BodyInit | null, text: string | null]>([
    ['no body', null, null],
    ['more than 1,024 bytes', 'x'.repeat(5000), 'x'.repeat(1024)],
    ['half a character at the limit', `${'x'.repeat(1023)}é`, 'x'.repeat(1023)],
    ['what is not UTF-8', new Uint8Array([0x61, 0xff, 0x62]), 'a\uFFFDb'],
    ['a NUL and control characters', 'a\0b\r\n\x7f', 'a\0b\r\n\x7f'],
  ])('shows the beginning of the answer to a failed attempt: %s', async (_what, body, text) => {
    const receiver = new Receiver(api, [made]);
    await createTicket(api, partner);
    receiver.reply = () => new Response(body, { status: 500 });
    await receiver.deliver(made);
    expect((await list()).result[0]?.response_text).toBe(text);
  });

  test('pages to any offset without gaps, with links and an exact total', async () => {
    await writeDeliveries(11, 110);
    const sequencesOf = async (query: string) =>
      (await list(query)).result.map(({ event }) => event.sequence);
    expect(await sequencesOf('?limit=3')).toEqual([110, 109, 108]);
    expect(await sequencesOf('?limit=3&offset=98')).toEqual([12, 11]);
    expect(await sequencesOf('?limit=3&offset=100')).toEqual([]);
    expect(await sequencesOf('?limit=0')).toEqual([]);
    expect(await sequencesOf(`?offset=${Number.MAX_SAFE_INTEGER}`)).toEqual([]);
    const { response, total, result } = await list('?limit=10&offset=50');
    expect(total).toBe(100);
    expect(response.headers.get('link')).toContain('limit=10&offset=90>; rel="last"');
    expect(result[0]).toMatchObject({ status: null, error: 'timeout', duration_ms: 5 });
  });

  test('costs the rows of the page and two more, at any offset', async () => {
    await writeDeliveries(1, 3000);
    await api.get(endpointPath(made), partner);
    const read = async (query: string) => {
      const { response } = await list(query);
      return Number(/read=(\d+)/.exec(response.headers.get('server-timing') ?? '')?.[1]);
    };
    // This reads the endpoint once, and a page that is not empty reads it twice.
    const lookup = await read('?limit=0');
    for (const offset of [0, 1, 1500, 2989, 2990]) {
      const rows = (await read(`?limit=10&offset=${offset}`)) - lookup;
      expect(rows, `offset ${offset}`).toBeLessThanOrEqual(11);
    }
  });

  test('shows the deliveries of no other endpoint', async () => {
    await writeDeliveries(1, 5);
    const other = await makeEndpoint(api, partner);
    expect(await list('', other)).toMatchObject({ result: [], total: 0 });
  });

  test('rejects unknown parameters and pages', async () => {
    const get = (query: string) => api.get(endpointPath(made, `/deliveries${query}`), partner);
    await expectViolations(await get('?limit=1001'), ['query limit out_of_range']);
    await expectViolations(await get('?type=x'), ['query type unknown_parameter']);
  });
});

describe('a test delivery', () => {
  interface Sent {
    readonly url: string;
    readonly headers: Record<string, string>;
    readonly body: string;
  }
  let sent: Sent[];

  beforeEach(() => {
    sent = [];
    api.fetch = async (url, { headers, body }) => {
      sent.push({ url, headers: headers as Record<string, string>, body: body as string });
      return new Response(null, { status: 202 });
    };
  });

  const sendTest = async (of = made, from = api) => {
    const path = endpointPath(of, '/test-deliveries');
    const response = await from.request('POST', path, { as: partner });
    expect(response.status).toBe(202);
    return (await response.json<{ id: string }>()).id;
  };

  test('is one signed message with the id of the response, and is listed', async () => {
    api.now = Date.now();
    const id = await sendTest();
    expect(sent).toHaveLength(1);
    const [{ url, headers, body }] = sent as [Sent];
    expect(url).toBe(HOOK);
    expect(headers['webhook-id']).toBe(id);
    expect(body).toBe(bodyOf(testEvent(made.id, id, api.now)));
    expect(new Webhook(made.secret).verify(body, headers)).toEqual({
      type: 'webhook_endpoint.test',
      timestamp: new Date(api.now).toISOString(),
      data: {
        ...{ id, type: 'webhook_endpoint.test', created_at: new Date(api.now).toISOString() },
        ...{ actor: null, subject: { type: 'webhook_endpoint', id: made.id } },
      },
    });
    const { result, total } = await list();
    expect(total).toBe(1);
    expect(result[0]).toMatchObject({
      event: { id, type: 'webhook_endpoint.test', sequence: null },
      ...{ attempt: 1, status: 202, error: null },
    });
  });

  test('is also sent to an endpoint that is disabled, waits or receives other types', async () => {
    await changeEndpoint(api, partner, made, { disabled: true, event_types: ['client.created'] });
    await env.DB.prepare('UPDATE webhook_endpoints SET next_attempt_at = 9e15').run();
    await sendTest();
    expect(sent).toHaveLength(1);
    expect((await list()).total).toBe(1);
  });

  test.each([
    ['a redirect', async () => new Response(null, { status: 302 }), { status: 302, error: null }],
    [
      'a status 500',
      async () => new Response('broken', { status: 500 }),
      { status: 500, error: null, response_text: 'broken' },
    ],
    [
      'no connection',
      async () => {
        throw new Error('refused');
      },
      { status: null, error: 'connection' },
    ],
  ])('with %s is listed, is not repeated and disables nothing', async (_what, fetch, outcome) => {
    api.fetch = fetch;
    await sendTest();
    const { result, total } = await list();
    expect([total, result[0]]).toMatchObject([1, outcome]);
    expect(await (await api.get(endpointPath(made), partner)).json()).toMatchObject({
      ...{ disabled: false, failed_attempts: 0, next_attempt_at: null },
    });
  });

  test('with a status 410 disables the endpoint, which the feed tells', async () => {
    api.fetch = async () => new Response(null, { status: 410 });
    await sendTest();
    expect(await (await api.get(endpointPath(made), partner)).json()).toMatchObject({
      ...{ disabled: true, disabled_reason: 'gone' },
    });
    const types = (await followEvents(api, partner)).map(({ type }) => type);
    expect(types).toEqual(['webhook_endpoint.created', 'webhook_endpoint.disabled']);
  });

  test('is no event of the feed, and is logged without the URL', async () => {
    const id = await sendTest();
    const events = await followEvents(api, partner);
    expect(events.map(({ type }) => type)).toEqual(['webhook_endpoint.created']);
    const [line] = api.log.filter(({ event }) => event === 'webhook');
    expect(line).toMatchObject({ endpoint: made.id, type: 'webhook_endpoint.test', status: 202 });
    expect(JSON.stringify(api.log)).not.toContain('hooks.garage');
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('of an endpoint whose secret cannot be opened is listed as such', async () => {
    await env.DB.prepare("UPDATE webhook_endpoints SET secret = 'lost.AAAA.AAAA'").run();
    await sendTest();
    expect((await list()).result[0]).toMatchObject({ status: null, error: 'secret' });
    expect(sent).toEqual([]);
  });

  test('that cannot be recorded is a fault in the log', async () => {
    const log = captureLog();
    const faulty = new FaultyD1();
    const isolate = new TestApi({ DB: faulty.db });
    isolate.fetch = api.fetch;
    await partner.headers(isolate);
    faulty.plan((call) => (call > 2 ? 'broken' : undefined));
    await sendTest(made, isolate);
    faulty.plan();
    expect(log.text()).toContain('DatabaseFault');
    expect((await list()).total).toBe(0);
  });
});
