import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ORIGIN, TestApi, violationsOf } from '../../../support/api.ts';
import { agreement, type Reply } from '../../../support/consent.ts';
import { CountingLimit } from '../../../support/counting-limit.ts';
import { allRows } from '../../../support/d1.ts';
import { api, makeApiAndPartner, partner, useApi } from '../../../support/each-test.ts';
import {
  type CreatedEndpoint,
  changeEndpoint,
  denyHost,
  ENDPOINTS,
  type Endpoint,
  endpointPath,
  HOOK,
  makeEndpoint,
  readEndpoint,
} from '../../../support/endpoints.ts';
import { deliverableUrls, hostileUrls } from '../../../support/hostile-urls.ts';
import { makePartner } from '../../../support/partners.ts';
import { endpointRow } from '../../../support/webhooks.ts';

const NEW_HOOK = `${HOOK}/new`;

/** The requests that receivers got, as method and URL. */
let sent: string[];
let latest: RequestInit;
let reply: Reply;

beforeEach(async () => {
  await makeApiAndPartner();
  sent = [];
  reply = () => agreement();
  watch(api);
});

function watch(watched: TestApi): void {
  watched.fetch = async (url, init) => {
    sent.push(`${init.method} ${url}`);
    latest = init;
    return reply(url, init);
  };
}

const create = (body: object = {}, headers: Record<string, string> = {}) =>
  api.request('POST', ENDPOINTS, { as: partner, body: { url: HOOK, ...body }, headers });

const put = async (of: Endpoint, chosen: object, headers: Record<string, string> = {}) => {
  const body = { ...(await readEndpoint(api, partner, of)), ...chosen };
  return api.request('PUT', endpointPath(of), { as: partner, body, headers });
};

const setRow = (of: Endpoint, values: string) =>
  env.DB.prepare(`UPDATE webhook_endpoints SET ${values} WHERE id = ?`).bind(of.id).run();

const consentedUrl = async (of: Endpoint) => (await endpointRow(of)).consented_url;

async function expectRefused(response: Response, reason: string): Promise<void> {
  expect(response.status).toBe(409);
  const problem = await response.json();
  expect(problem).toMatchObject({ type: '/problems/receiver-refused', reason });
  // A status would make the API a scanner of other people's servers.
  expect(JSON.stringify(problem).replace('"status":409', '')).not.toMatch(/\b[2-5]\d\d\b(?! to)/);
}

describe('the question', () => {
  test('is OPTIONS with the host of this API, its User-Agent and no body', async () => {
    await makeEndpoint(api, partner);
    expect(sent).toEqual([`OPTIONS ${HOOK}`]);
    expect(latest).toMatchObject({
      ...{ method: 'OPTIONS', redirect: 'manual' },
      headers: {
        'webhook-request-origin': new URL(ORIGIN).hostname,
        'user-agent': `prepared-tickets-webhooks/1 (+${ORIGIN}/docs)`,
      },
    });
    expect(latest.body).toBeUndefined();
  });

  test.each(['*', 'api.test', 'API.Test', ' api.test '])(
    'is answered with consent by WebHook-Allowed-Origin: %j, in any 2xx',
    async (origin) => {
      for (const status of [200, 204, 299]) {
        reply = () => new Response(null, { status, headers: { 'webhook-allowed-origin': origin } });
        const made = await makeEndpoint(api, partner, { url: `${HOOK}/${status}` });
        expect(await consentedUrl(made)).toBe(made.url);
      }
    },
  );

  const header = { 'webhook-allowed-origin': '*' };
  test.each<[string, string, Reply]>([
    ['a 200 without the header', 'not-agreed', () => new Response()],
    ['another origin', 'not-agreed', () => agreement('other.test')],
    ['a part of the origin', 'not-agreed', () => agreement('test')],
    ['a list of origins', 'not-agreed', () => agreement('api.test, other.test')],
    ['a redirect', 'not-agreed', () => new Response(null, { status: 307, headers: header })],
    ['404', 'not-agreed', () => new Response('no', { status: 404, headers: header })],
    ['405', 'not-agreed', () => new Response(null, { status: 405 })],
    ['410', 'not-agreed', () => new Response(null, { status: 410, headers: header })],
    ['500', 'not-agreed', () => new Response(null, { status: 500 })],
    ['519', 'not-agreed', () => new Response(null, { status: 519 })],
    ['528', 'not-agreed', () => new Response(null, { status: 528 })],
    ['520', 'unreachable', () => new Response(null, { status: 520, headers: header })],
    ['527', 'unreachable', () => new Response(null, { status: 527 })],
    ['530', 'unreachable', () => new Response('1016', { status: 530 })],
    ['no connection', 'unreachable', () => Promise.reject(new Error('getaddrinfo ENOTFOUND'))],
  ])('that is answered by %s is refused as %s, and nothing is saved', async (_what, reason, no) => {
    const made = await makeEndpoint(api, partner);
    const before = await allRows();
    reply = no;
    await expectRefused(await create(), reason);
    await expectRefused(await create({}, { 'idempotency-key': 'k' }), reason);
    await expectRefused(await put(made, { url: NEW_HOOK, description: 'Other' }), reason);
    expect(await allRows()).toEqual(before);
    expect(new Set(sent.slice(1))).toEqual(new Set([`OPTIONS ${HOOK}`, `OPTIONS ${NEW_HOOK}`]));
  });

  test('that is not answered within 15 seconds is refused as unreachable', async () => {
    const headers = await partner.headers(api);
    await api.get(ENDPOINTS, partner);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let waitedMs = 0;
    reply = (_url, init) =>
      new Promise((_resolve, reject) => {
        init.signal?.addEventListener('abort', () => reject(init.signal?.reason));
        vi.advanceTimersByTime(14_999);
        waitedMs = init.signal?.aborted ? 0 : 14_999;
        vi.advanceTimersByTime(1);
      });
    const response = await api.request('POST', ENDPOINTS, { body: { url: HOOK }, headers });
    vi.useRealTimers();
    await expectRefused(response, 'unreachable');
    expect(waitedMs).toBe(14_999);
  });

  test('is asked again by the next request after a refusal, and can then be agreed', async () => {
    reply = () => new Response();
    const key = { 'idempotency-key': 'k' };
    await expectRefused(await create({}, key), 'not-agreed');
    reply = () => agreement();
    expect((await create({}, key)).status).toBe(201);
    expect(sent).toHaveLength(2);
  });
});

describe('a creation asks nobody', () => {
  test('if it repeats a key, also with other values', async () => {
    const key = { 'idempotency-key': 'k' };
    expect((await create({}, key)).status).toBe(201);
    reply = () => new Response();
    const again = await create({}, key);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    expect((await create({ url: NEW_HOOK }, key)).status).toBe(422);
    await denyHost('garage.example');
    expect((await create({}, key)).status).toBe(201);
    expect(sent).toHaveLength(1);
  });

  test('beyond the limit of five', async () => {
    for (let i = 0; i < 5; i++) {
      await makeEndpoint(api, partner);
    }
    sent = [];
    const response = await create();
    expect(await response.json()).toMatchObject({ type: '/problems/too-many-webhook-endpoints' });
    expect(sent).toEqual([]);
  });

  test('for a URL, or another member, that is a violation', async () => {
    for (const url of hostileUrls) {
      expect((await create({ url })).status, url).toBe(400);
    }
    expect((await create({ description: 1 })).status).toBe(400);
    expect(sent).toEqual([]);
  });

  test.each(['hooks.garage.example', 'garage.example', 'example'])(
    'at a host below %s, which the operator has denied',
    async (host) => {
      const made = await makeEndpoint(api, partner, { url: 'https://other.host.com/' });
      await denyHost(host);
      sent = [];
      for (const response of [
        await create({ url: 'https://HOOKS.Garage.example:443/a?b' }),
        await put(made, { url: HOOK }),
      ]) {
        expect(response.status).toBe(400);
        expect(await violationsOf(response)).toEqual(['#/url invalid_format']);
      }
      expect(sent).toEqual([]);
      await makeEndpoint(api, partner, { url: 'https://garage.example.com/' });
      await makeEndpoint(api, partner, { url: 'https://myhooks.garage.com/' });
    },
  );

  test('at a host of very many labels below a denied one', async () => {
    await denyHost('garage.example');
    const url = `https://${'a.'.repeat(110)}garage.example/`;
    expect((await create({ url })).status).toBe(400);
    expect(sent).toEqual([]);
  });
});

describe('an update asks the receiver', () => {
  let made: CreatedEndpoint;

  beforeEach(async () => {
    made = await makeEndpoint(api, partner);
    sent = [];
  });

  test('of a new URL, also of an endpoint that is disabled, and keeps what it agreed to', async () => {
    await changeEndpoint(api, partner, made, { url: NEW_HOOK, disabled: true });
    expect(sent).toEqual([`OPTIONS ${NEW_HOOK}`]);
    expect(await consentedUrl(made)).toBe(NEW_HOOK);
    await changeEndpoint(api, partner, made, { disabled: false, description: 'Other' });
    expect(sent).toHaveLength(1);
    await changeEndpoint(api, partner, made, { url: HOOK });
    expect(sent.slice(1)).toEqual([`OPTIONS ${HOOK}`]);
  });

  test('of an endpoint that is enabled after a 410, and of none that stays disabled', async () => {
    const gone = "consented_url = NULL, disabled_at = 1, disabled_reason = 'gone'";
    await setRow(made, gone);
    const still = await changeEndpoint(api, partner, made, { disabled: true, description: 'x' });
    expect([still.disabled_reason, sent]).toEqual(['gone', []]);
    reply = () => new Response();
    await expectRefused(await put(made, { disabled: false }), 'not-agreed');
    expect(await readEndpoint(api, partner, made)).toEqual(still);
    reply = () => agreement();
    const on = await changeEndpoint(api, partner, made, { disabled: false });
    expect(on).toMatchObject({ disabled: false, disabled_reason: null });
    expect(sent).toEqual([`OPTIONS ${HOOK}`, `OPTIONS ${HOOK}`]);
    expect(await consentedUrl(made)).toBe(HOOK);
  });

  test('of none that was enabled before receivers were asked and keeps its URL', async () => {
    await setRow(made, 'consented_url = NULL');
    await changeEndpoint(api, partner, made, { description: 'Other' });
    await changeEndpoint(api, partner, made, { disabled: true });
    await changeEndpoint(api, partner, made, { disabled: false });
    expect(sent).toEqual([]);
    expect(await consentedUrl(made)).toBeNull();
  });

  test('only after the preconditions and the existence of the endpoint', async () => {
    const stale = await put(made, { url: NEW_HOOK }, { 'if-match': '"9"' });
    expect(stale.status).toBe(412);
    const path = `${ENDPOINTS}/${crypto.randomUUID()}`;
    expect(
      (await api.put(path, partner, { ...made, url: NEW_HOOK, secret: undefined })).status,
    ).toBe(404);
    expect(sent).toEqual([]);
  });

  test('and writes nothing if the endpoint changes meanwhile against If-Match', async () => {
    const other = new TestApi();
    reply = async (url) => {
      if (url === NEW_HOOK) {
        await changeEndpoint(other, partner, made, { description: 'Meanwhile' });
      }
      return agreement();
    };
    const response = await put(made, { url: NEW_HOOK }, { 'if-match': '"1"' });
    expect(response.status).toBe(412);
    expect(await readEndpoint(api, partner, made)).toMatchObject({
      ...{ url: HOOK, description: 'Meanwhile' },
    });
    expect(await consentedUrl(made)).toBe(HOOK);
  });

  test('and returns 404 if the endpoint is deleted meanwhile', async () => {
    const other = new TestApi();
    reply = async () => {
      expect((await other.delete(endpointPath(made), partner)).status).toBe(204);
      return agreement();
    };
    expect((await put(made, { url: NEW_HOOK })).status).toBe(404);
  });

  test('and writes nothing if its host is denied meanwhile', async () => {
    reply = async () => {
      await denyHost('hooks.garage.example');
      return agreement();
    };
    expect((await put(made, { url: NEW_HOOK })).status).toBe(400);
    expect((await readEndpoint(api, partner, made)).url).toBe(HOOK);
  });

  test('whose credentials end meanwhile, and writes nothing', async () => {
    const other = await makePartner();
    const before = (await allRows()).webhook_endpoints;
    reply = async () => {
      await env.DB.prepare('UPDATE clients SET disabled_at = 1 WHERE partner_id = ?')
        .bind(partner.partnerId)
        .run();
      return agreement();
    };
    expect((await put(made, { url: NEW_HOOK })).status).toBe(401);
    expect((await allRows()).webhook_endpoints).toEqual(before);
    expect((await create()).status).toBe(401);
    expect((await api.get(ENDPOINTS, other)).status).toBe(200);
  });
});

test('a concurrent creation during the question cannot exceed the limit of five', async () => {
  const other = new TestApi();
  for (let i = 0; i < 4; i++) {
    await makeEndpoint(api, partner);
  }
  reply = async () => {
    await makeEndpoint(other, partner);
    return agreement();
  };
  const response = await create();
  expect(await response.json()).toMatchObject({ type: '/problems/too-many-webhook-endpoints' });
  expect((await allRows()).webhook_endpoints).toHaveLength(5);
});

test('a concurrent creation with the same key during the question creates one endpoint', async () => {
  const key = { 'idempotency-key': 'k' };
  const other = new TestApi();
  let first: { id: string } | undefined;
  reply = async () => {
    const response = await other.request('POST', ENDPOINTS, {
      ...{ as: partner, body: { url: HOOK }, headers: key },
    });
    first = await response.json();
    return agreement();
  };
  const second = await create({}, key);
  expect(second.headers.get('idempotent-replayed')).toBe('true');
  expect(await second.json()).toMatchObject({ id: first?.id, secret: null });
  expect((await allRows()).webhook_endpoints).toHaveLength(1);
});

describe('the policy consents', () => {
  let made: CreatedEndpoint;

  beforeEach(async () => {
    made = await makeEndpoint(api, partner);
    useApi(new TestApi({ RATE_LIMITS: 'on', RECEIVER_LIMIT: new CountingLimit(6) }));
    watch(api);
    sent = [];
  });

  test('allows six questions a minute, whatever they are for, and refuses before it asks', async () => {
    reply = (url) => (url === HOOK ? new Response() : agreement());
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) {
      statuses.push((await create()).status);
      statuses.push((await put(made, { url: `${HOOK}/${i}` })).status);
    }
    expect(statuses).toEqual([409, 200, 409, 200, 409, 200, 429, 429]);
    expect(sent).toHaveLength(6);
  });

  test('counts no request that asks nobody, and names itself only in those that ask', async () => {
    const policies = (response: Response) => response.headers.get('ratelimit-policy');
    for (let i = 0; i < 9; i++) {
      const quiet = await put(made, { description: String(i) });
      expect([quiet.status, policies(quiet)]).toEqual([
        200,
        expect.not.stringContaining('consents'),
      ]);
      expect((await create({ url: 'https://127.0.0.1/' })).status).toBe(400);
    }
    const asking = await put(made, { url: NEW_HOOK });
    expect(policies(asking)).toBe('"partner";q=50;w=10, "consents";q=6;w=60');
    expect(sent).toHaveLength(1);
  });
});

test.each(deliverableUrls)('%s is asked as it was sent', async (url) => {
  await makeEndpoint(api, partner, { url });
  expect(sent).toEqual([`OPTIONS ${url}`]);
});

test('a denied host is refused before If-Match, like other violations that depend on the state', async () => {
  const endpoint = await makeEndpoint(api, partner);
  await denyHost('garage.example');
  expect((await put(endpoint, { url: HOOK }, { 'if-match': '"99"' })).status).toBe(400);
});

/** Only its headers matter. A body that trickles would hold the partner's request for 15 seconds. */
test('the body of the answer to a question is not read', async () => {
  let pulls = 0;
  api.fetch = async () =>
    new Response(
      new ReadableStream({
        pull(controller) {
          pulls += 1;
          controller.enqueue(new Uint8Array(1));
        },
      }),
      { status: 404 },
    );
  expect((await api.post(ENDPOINTS, partner, { url: HOOK })).status).toBe(409);
  expect(pulls).toBeLessThan(5);
});
