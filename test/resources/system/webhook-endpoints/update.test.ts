import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { eventTypes } from '../../../../src/db/events.ts';
import { ORIGIN, START, TestApi, violationsOf } from '../../../support/api.ts';
import { allRows } from '../../../support/d1.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import {
  type CreatedEndpoint,
  changeEndpoint,
  ENDPOINTS,
  endpointPath,
  HOOK,
  makeEndpoint,
  readEndpoint,
} from '../../../support/endpoints.ts';
import { deliverableUrls, hostileUrls, ownUrls } from '../../../support/hostile-urls.ts';
import { makePartner } from '../../../support/partners.ts';
import { createTicket, expectViolations } from '../../../support/tickets.ts';
import { endpointRow, Receiver } from '../../../support/webhooks.ts';

const shared = new TestApi();
let made: CreatedEndpoint;

beforeEach(async () => {
  await makePartnerOf(shared);
  made = await makeEndpoint(api, partner);
});

/** Sets columns of the endpoint, as a delivery does. */
const setRow = (values: string) =>
  env.DB.prepare(`UPDATE webhook_endpoints SET ${values} WHERE id = ?`).bind(made.id).run();

const written = {
  ...{ url: `${HOOK}/2`, description: 'Other', event_types: ['client.created'], disabled: false },
};

describe('PUT', () => {
  test('replaces the four members, and returns the ETag and the location of the endpoint', async () => {
    const response = await api.put(endpointPath(made), partner, written);
    expect(response.headers.get('content-location')).toBe(ORIGIN + endpointPath(made));
    expect(response.headers.get('etag')).toBe('"2"');
    const { secret: _secret, ...before } = made;
    const after = await response.json();
    expect(after).toEqual({ ...before, ...written });
    expect(await readEndpoint(api, partner, made)).toEqual(after);
  });

  test('requires each of them, and accepts a body that was read', async () => {
    for (const member of Object.keys(written)) {
      const body = { ...written, [member]: undefined };
      await expectViolations(await api.put(endpointPath(made), partner, body), [
        `body #/${member} required`,
      ]);
    }
    const read = await readEndpoint(api, partner, made);
    expect((await api.put(endpointPath(made), partner, read)).status).toBe(200);
  });

  test('disables an endpoint at the request of the partner, and keeps an earlier reason', async () => {
    await setRow('failed_attempts = 3, next_attempt_at = 9000');
    const first = await changeEndpoint(api, partner, made, { disabled: true });
    expect(first).toMatchObject({
      ...{ disabled: true, disabled_reason: 'requested', failed_attempts: 3 },
      next_attempt_at: null,
    });
    await setRow("disabled_reason = 'exhausted'");
    const second = await changeEndpoint(api, partner, made, { disabled: true });
    expect(second.disabled_reason).toBe('exhausted');
  });

  test('keeps the wait and the failed attempts when the types change', async () => {
    await setRow(`failed_attempts = 3, next_attempt_at = ${START + 9000}`);
    const other = await changeEndpoint(api, partner, made, { event_types: ['client.created'] });
    expect(other).toMatchObject({
      ...{ failed_attempts: 3, next_attempt_at: new Date(START + 9000).toISOString() },
    });
  });

  test('keeps the wait of an endpoint that is disabled and enabled, and shows none in between', async () => {
    await setRow(`failed_attempts = 3, next_attempt_at = ${START + 9000}`);
    const off = await changeEndpoint(api, partner, made, { disabled: true });
    expect(off).toMatchObject({ failed_attempts: 3, next_attempt_at: null });
    const on = await changeEndpoint(api, partner, made, { disabled: false });
    expect(on).toMatchObject({
      ...{ failed_attempts: 3, next_attempt_at: new Date(START + 9000).toISOString() },
    });
  });

  test('enables an endpoint that continues with the event at which it stopped', async () => {
    await createTicket(api, partner);
    const { position } = await endpointRow(made);
    await setRow("failed_attempts = 10, disabled_at = 5, disabled_reason = 'exhausted'");
    const after = await changeEndpoint(api, partner, made, { disabled: false });
    expect(after).toMatchObject({
      ...{ disabled: false, disabled_reason: null, failed_attempts: 0, next_attempt_at: null },
    });
    expect((await endpointRow(made)).position).toBe(position);
    const receiver = new Receiver(api, [made]);
    await receiver.deliver(made);
    expect(receiver.types).toEqual(['prepared_ticket.created']);
  });

  test.each([false, true])(
    'with disabled: %s saves the other members of an endpoint that the operator disabled, which stays disabled',
    async (disabled) => {
      await setRow(`disabled_at = ${START}, disabled_reason = 'operator'`);
      const body = { ...written, disabled };
      const response = await api.put(endpointPath(made), partner, body);
      expect(response.status).toBe(200);
      const after = await response.json();
      expect(after).toMatchObject({ ...written, disabled: true, disabled_reason: 'operator' });
      expect(await readEndpoint(api, partner, made)).toEqual(after);
      expect(await endpointRow(made)).toMatchObject({ disabled_at: START, version: 2 });
    },
  );

  test('tries a new URL at once, and otherwise leaves the next attempt as it is', async () => {
    await setRow(`failed_attempts = 3, next_attempt_at = ${START + 9000}`);
    const waiting = { failed_attempts: 3, next_attempt_at: new Date(START + 9000).toISOString() };
    expect(await readEndpoint(api, partner, made)).toMatchObject(waiting);
    const same = await changeEndpoint(api, partner, made, { description: 'x' });
    expect(same).toMatchObject(waiting);
    const moved = await changeEndpoint(api, partner, made, { url: `${HOOK}/2` });
    expect(moved).toMatchObject({ failed_attempts: 3, next_attempt_at: null });
  });
});

describe('conditional requests', () => {
  const send = (method: string, headers: Record<string, string>, below = '', body?: object) =>
    api.request(method, endpointPath(made, below), { as: partner, headers, body });

  test('change only the version that If-Match names', async () => {
    expect((await send('PUT', { 'if-match': '"1"' }, '', written)).status).toBe(200);
    expect((await send('PUT', { 'if-match': '"1"' }, '', written)).status).toBe(412);
    const rotation = { overlap_seconds: 0 };
    expect((await send('POST', { 'if-match': '"1"' }, '/secrets', rotation)).status).toBe(412);
    expect((await send('POST', { 'if-match': '"2"' }, '/secrets', rotation)).status).toBe(201);
    expect((await send('DELETE', { 'if-match': '"2"' })).status).toBe(412);
    expect((await send('DELETE', { 'if-none-match': '"3"' })).status).toBe(412);
    expect((await send('DELETE', { 'if-match': '"3"' })).status).toBe(204);
  });

  test('download an endpoint only if it has changed', async () => {
    expect((await send('GET', { 'if-none-match': '"1"' })).status).toBe(304);
    await changeEndpoint(api, partner, made, { description: 'x' });
    expect((await send('GET', { 'if-none-match': '"1"' })).status).toBe(200);
    expect((await send('GET', { 'if-match': '"1"' })).status).toBe(412);
  });
});

describe('a URL', () => {
  test.each(hostileUrls)('%j is rejected at creation and at an update', async (url) => {
    const before = await allRows();
    const code = url.length > 2048 ? 'too_long' : 'invalid_format';
    for (const response of [
      await api.post(ENDPOINTS, partner, { url }),
      await api.put(endpointPath(made), partner, { ...written, url }),
    ]) {
      await expectViolations(response, [`body #/url ${code}`]);
    }
    expect(await allRows()).toEqual(before);
  });

  test.each([...ownUrls, 'http://localhost:3000/hook'])(
    '%j is rejected by a deployment at tickets.garage.com',
    async (url) => {
      const deployed = new TestApi({ ISSUER: 'https://tickets.garage.com' });
      const headers = await tokenOf(deployed);
      for (const [method, path] of [
        ['POST', ENDPOINTS],
        ['PUT', endpointPath(made)],
      ] as const) {
        const response = await deployed.request(method, path, {
          body: { ...written, url },
          headers,
        });
        expect(response.status).toBe(400);
        expect(await violationsOf(response)).toEqual(['#/url invalid_format']);
      }
    },
  );

  test('on this machine is accepted by a local deployment', async () => {
    const local = new TestApi({ ISSUER: 'http://localhost:8787' });
    // The document of the tests is that of a deployed API, which has no such URL.
    const send = async (url: string) => {
      const options = { body: { url }, headers: await tokenOf(local) };
      return local.respond(await local.prepare('POST', ENDPOINTS, options));
    };
    expect((await send('http://localhost:3000/hook')).status).toBe(201);
    expect((await send('http://localhost:8787/hook')).status).toBe(400);
  });

  test.each(deliverableUrls)('%s is accepted, and returned as it was sent', async (url) => {
    const { id } = await makeEndpoint(api, partner, { url });
    expect((await readEndpoint(api, partner, { id })).url).toBe(url);
    const changed = await changeEndpoint(api, partner, made, { url });
    expect(changed.url).toBe(url);
  });
});

/** Returns the headers of the partner for a deployment with another issuer. */
async function tokenOf(deployed: TestApi): Promise<Record<string, string>> {
  const response = await deployed.send(
    new Request(`${ORIGIN}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: partner.clientId,
        client_secret: partner.clientSecret,
        scope: 'webhooks:manage',
      }),
    }),
  );
  const { access_token } = await response.json<{ access_token: string }>();
  return { authorization: `Bearer ${access_token}`, 'x-api-key': partner.apiKey };
}

test.each<[changes: object, violations: string[]]>([
  [{ url: 1 }, ['#/url invalid_type']],
  [{ url: null }, ['#/url invalid_type']],
  [{ description: null }, ['#/description invalid_type']],
  [{ description: 'a'.repeat(256) }, ['#/description too_long']],
  [{ description: 'a\nb' }, ['#/description invalid_character']],
  [{ description: 'a\u202eb' }, ['#/description invalid_character']],
  [{ description: 'a\u200bb' }, ['#/description invalid_character']],
  [{ description: 'a\u2028b' }, ['#/description invalid_character']],
  [{ disabled: 'no' }, ['#/disabled invalid_type']],
  [{ event_types: 'client.created' }, ['#/event_types invalid_type']],
  [{ event_types: [] }, ['#/event_types out_of_range']],
  [
    { event_types: Array(eventTypes.length + 1).fill('client.created') },
    ['#/event_types out_of_range'],
  ],
  [
    { event_types: ['client.created', 'client.lost', 7, null] },
    [
      '#/event_types/1 invalid_format',
      '#/event_types/2 invalid_type',
      '#/event_types/3 invalid_type',
    ],
  ],
  [{ event_types: ['client.created', 'client.created'] }, ['#/event_types/1 repeated_item']],
  [{ colour: 'red' }, ['#/colour unknown_member']],
  [{ secret: 'whsec_x' }, ['#/secret unknown_member']],
  [
    { url: 'https://127.1/', description: 'a\nb', disabled: 1 },
    ['#/url invalid_format', '#/description invalid_character', '#/disabled invalid_type'],
  ],
])('%o is a violation at creation and at an update', async (changes, violations) => {
  const body = { ...written, ...changes };
  for (const response of [
    await api.post(ENDPOINTS, partner, body),
    await api.put(endpointPath(made), partner, body),
  ]) {
    expect(response.status).toBe(400);
    expect(await violationsOf(response)).toEqual(violations);
  }
});

test('all event types together are accepted', async () => {
  const changed = await changeEndpoint(api, partner, made, { event_types: [...eventTypes] });
  expect(changed.event_types).toEqual(eventTypes);
});

test("another partner's endpoint returns 404 for every operation, and stays as it is", async () => {
  const other = await makePartner();
  const before = await allRows();
  const path = (below = '') => endpointPath(made, below);
  for (const response of [
    await api.get(path(), other),
    await api.put(path(), other, written),
    await api.delete(path(), other),
    await api.post(path('/secrets'), other, { overlap_seconds: 0 }),
    await api.request('POST', path('/test-deliveries'), { as: other }),
    await api.get(path('/deliveries'), other),
    await api.post(path('/replays'), other, { after: other.cursor }),
  ]) {
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      detail: 'There is no webhook endpoint with this identifier.',
    });
  }
  expect(await allRows()).toEqual(before);
});
