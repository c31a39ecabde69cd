import { Webhook } from 'standardwebhooks';
import { beforeEach, expect, test } from 'vitest';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import {
  type CreatedEndpoint,
  changeEndpoint,
  ENDPOINTS,
  type Endpoint,
  endpointPath,
  makeEndpoint,
  rotateEndpoint,
} from '../../../support/endpoints.ts';
import { createTicket, expectViolations } from '../../../support/tickets.ts';
import { endpointRow, type Received, Receiver } from '../../../support/webhooks.ts';

let made: CreatedEndpoint;

beforeEach(async () => {
  await makeApiAndPartner();
  made = await makeEndpoint(api, partner);
});

/** Returns whether the npm package `standardwebhooks` accepts a message with a secret. */
function isSigned({ headers, body, at }: Received, secret: string): boolean {
  const clock = Date.now;
  Date.now = () => at;
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  } finally {
    Date.now = clock;
  }
}

/** Delivers a new event, and returns which of the secrets sign it. */
async function signersOf(...secrets: string[]): Promise<boolean[]> {
  // The receiver has no secret of its own, so it verifies nothing.
  const receiver = new Receiver(api, []);
  await createTicket(api, partner);
  await receiver.deliver(made);
  const last = receiver.received.at(-1) as Received;
  return secrets.map((secret) => isSigned(last, secret));
}

test('both secrets sign during the overlap, and then only the new one', async () => {
  const second = await rotateEndpoint(api, partner, made, 60);
  expect(await signersOf(made.secret, second)).toEqual([true, true]);
  api.now += 59_999;
  expect(await signersOf(made.secret, second)).toEqual([true, true]);
  api.now += 1;
  expect(await signersOf(made.secret, second)).toEqual([false, true]);
});

test('without an overlap only the new secret signs, and the old one is not kept', async () => {
  const second = await rotateEndpoint(api, partner, made, 0);
  expect(await signersOf(made.secret, second)).toEqual([false, true]);
  expect(await endpointRow(made)).toMatchObject({ retired_secret: null, retired_expires_at: null });
});

test('a second rotation within the overlap ends the older secret', async () => {
  const second = await rotateEndpoint(api, partner, made, 3600);
  const third = await rotateEndpoint(api, partner, made, 60);
  expect(await signersOf(made.secret, second, third)).toEqual([false, true, true]);
  const fourth = await rotateEndpoint(api, partner, made, 0);
  expect(await signersOf(second, third, fourth)).toEqual([false, false, true]);
});

test('the end of the old secret is listed, and then null without a new ETag', async () => {
  expect(made.retired_secret_expires_at).toBeNull();
  const { next } = await (await api.get('/v2/system/events', partner)).json<{ next: string }>();
  const other = await makeEndpoint(api, partner);
  await rotateEndpoint(api, partner, other, 60);
  const end = new Date(api.now + 60_000).toISOString();
  /** Returns the end that a list and a read show, and the ETag. */
  const shown = async () => {
    const read = await api.get(endpointPath(other), partner);
    const { result } = await (await api.get(ENDPOINTS, partner)).json<{ result: Endpoint[] }>();
    const one = await read.json<Endpoint>();
    expect(result.find(({ id }) => id === other.id)).toEqual(one);
    return { end: one.retired_secret_expires_at, etag: read.headers.get('etag') };
  };
  const replay = await api.post(endpointPath(other, '/replays'), partner, { after: next });
  expect(await replay.json()).toMatchObject({ retired_secret_expires_at: end });
  const changed = await changeEndpoint(api, partner, other, { description: 'Other' });
  expect(changed.retired_secret_expires_at).toBe(end);
  api.now += 59_999;
  const { etag } = await shown();
  expect(await shown()).toEqual({ end, etag });
  api.now += 1;
  expect(await shown()).toEqual({ end: null, etag });
});

test('the response has the endpoint, its new version and the secret, and no cache may store it', async () => {
  const response = await api.post(endpointPath(made, '/secrets'), partner, { overlap_seconds: 1 });
  expect(response.headers.get('etag')).toBe('"2"');
  expect(response.headers.get('cache-control')).toBe('no-store');
  const body = await response.json<CreatedEndpoint>();
  const retired_secret_expires_at = new Date(api.now + 1000).toISOString();
  expect(body).toEqual({ ...made, secret: body.secret, retired_secret_expires_at });
  expect(body.secret).not.toBe(made.secret);
});

test.each([-1, 1.5, 2_592_001, '60', null])('an overlap of %j is a violation', async (overlap) => {
  const code =
    typeof overlap === 'number' && Number.isInteger(overlap) ? 'out_of_range' : 'invalid_type';
  const path = endpointPath(made, '/secrets');
  await expectViolations(await api.post(path, partner, { overlap_seconds: overlap }), [
    `body #/overlap_seconds ${code}`,
  ]);
});

test('an overlap of 30 days is accepted', async () => {
  await rotateEndpoint(api, partner, made, 2_592_000);
});
