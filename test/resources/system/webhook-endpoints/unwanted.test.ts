import { beforeEach, describe, expect, test } from 'vitest';
import { DAY_MS, TestApi } from '../../../support/api.ts';
import { agreement, type Reply } from '../../../support/consent.ts';
import { CountingLimit } from '../../../support/counting-limit.ts';
import { ENDPOINTS, type Endpoint, endpointPath } from '../../../support/endpoints.ts';
import { makePartner, type TestPartner } from '../../../support/partners.ts';
import { createTicket } from '../../../support/tickets.ts';
import { Receiver, writeEndpoint } from '../../../support/webhooks.ts';

/** What a partner can do to aim webhooks at a stranger: everything that the API offers, again and again. */

const VICTIM = 'https://victim.example.com/inbox';
const FRIEND = 'https://friend.example.com/hook';

let api: TestApi;
let partner: TestPartner;
let runs: Receiver;
/** The requests that the victim got. */
let questions: number;
let posts: number;
/** How the victim answers a question, and a webhook. */
let question: Reply;
let post: Reply;
/** What a partner does while its friendly receiver answers. */
let meanwhile: () => Promise<unknown>;

beforeEach(async () => {
  partner = await makePartner();
  start({});
  [questions, posts] = [0, 0];
  question = () => new Response();
  post = () => new Response();
  meanwhile = async () => undefined;
});

function start(bindings: Partial<Record<keyof Env, unknown>>): void {
  api = new TestApi(bindings);
  runs = new Receiver(api, []);
  api.fetch = async (url, init) => {
    if (url.startsWith(VICTIM)) {
      const isQuestion = init.method === 'OPTIONS';
      questions += isQuestion ? 1 : 0;
      posts += isQuestion ? 0 : 1;
      return (isQuestion ? question : post)(url, init);
    }
    if (init.method === 'OPTIONS') {
      return agreement();
    }
    await meanwhile();
    return new Response();
  };
}

const send = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
  api.request(method, path, { as: partner, body, headers });

/** Returns the endpoints of the partner. */
async function all(): Promise<Endpoint[]> {
  return (await (await api.get(ENDPOINTS, partner)).json<{ result: Endpoint[] }>()).result;
}

const change = (of: Endpoint, chosen: object) =>
  send('PUT', endpointPath(of), { ...of, ...chosen });

/** Lets each endpoint do what is due, as its Durable Object does. */
async function run(): Promise<void> {
  for (const endpoint of await all()) {
    await runs.deliver({ ...endpoint, secret: '' });
  }
}

/** Does everything once that can reach the receiver of an endpoint. */
async function pressOn(endpoint: Endpoint): Promise<void> {
  for (const chosen of [
    { description: 'Other' },
    { disabled: true },
    { disabled: false },
    { event_types: ['prepared_ticket.created'] },
    { event_types: null },
    { url: FRIEND },
    { url: VICTIM },
    { url: `${VICTIM}?2` },
    { url: VICTIM, disabled: false },
  ]) {
    await change(endpoint, chosen);
    await run();
  }
  await send('POST', endpointPath(endpoint, '/test-deliveries'));
  await send('POST', endpointPath(endpoint, '/attempts'));
  await send('POST', endpointPath(endpoint, '/replays'), { after: partner.cursor });
  await run();
  await send('POST', endpointPath(endpoint, '/replays'), { sequence: 1 });
  await send('POST', endpointPath(endpoint, '/secrets'), { overlap_seconds: 60 });
  await run();
}

/** Tries everything for some days, with all endpoints that there are and with new ones. */
async function attack(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await createTicket(api, partner);
    await send('POST', ENDPOINTS, { url: VICTIM }, { 'idempotency-key': 'same' });
    await send('POST', ENDPOINTS, { url: VICTIM, disabled: true });
    const friend = await send('POST', ENDPOINTS, { url: FRIEND });
    // The URL changes in the middle of a delivery.
    meanwhile = async () => {
      meanwhile = async () => undefined;
      const [newest] = await all();
      await change(newest as Endpoint, { url: VICTIM });
      await createTicket(api, partner);
    };
    await createTicket(api, partner);
    await run();
    for (const endpoint of await all()) {
      await pressOn(endpoint);
    }
    api.now += DAY_MS;
    await run();
    if (friend.status === 201) {
      await send('DELETE', endpointPath(await friend.json<Endpoint>()));
    }
  }
}

describe('a receiver that does not agree gets no POST, whatever a partner calls', () => {
  test.each<[string, Reply]>([
    ['ignores the question', () => new Response('welcome')],
    ['answers it with 405', () => new Response(null, { status: 405 })],
    ['agrees with someone else', () => agreement('other.example')],
    ['agrees beside a redirect', () => Response.redirect(FRIEND)],
    ['cannot be reached', () => Promise.reject(new Error('refused'))],
  ])('if it %s', async (_what, answer) => {
    question = answer;
    // One endpoint is from before receivers were asked.
    const old = await writeEndpoint(partner, { url: VICTIM, consentedUrl: null });
    await attack(1);
    expect(posts).toBe(0);
    expect(questions).toBeGreaterThan(5);
    expect((await all()).map(({ id }) => id)).toEqual([old.id]);
  });
});

test('a receiver that answers 410 gets no POST until it agrees again', async () => {
  let isWilling = true;
  question = () => (isWilling ? agreement() : new Response());
  post = () => {
    isWilling = false;
    return new Response(null, { status: 410 });
  };
  await send('POST', ENDPOINTS, { url: VICTIM });
  await send('POST', ENDPOINTS, { url: VICTIM });
  await createTicket(api, partner);
  await run();
  // Both endpoints were agreed for the same URL, and the second one is asked after the 410 to the first one.
  expect(posts).toBe(1);
  await attack(1);
  expect(posts).toBe(1);
  for (const endpoint of await all()) {
    await send('DELETE', endpointPath(endpoint));
    await send('POST', ENDPOINTS, { url: VICTIM });
  }
  await run();
  expect([posts, await all()]).toEqual([1, []]);
  isWilling = true;
  post = () => new Response();
  expect((await send('POST', ENDPOINTS, { url: VICTIM })).status).toBe(201);
  await createTicket(api, partner);
  await run();
  expect(posts).toBe(2);
});

test.each<[string, string, object | undefined]>([
  ['a test event', '/test-deliveries', undefined],
  ['a single replay', '/replays', { sequence: 2 }],
])('a 410 to %s ends the consent too', async (_what, below, body) => {
  question = () => agreement();
  post = () => new Response(null, { status: 410 });
  const made = await (await send('POST', ENDPOINTS, { url: VICTIM })).json<Endpoint>();
  await createTicket(api, partner);
  expect((await send('POST', endpointPath(made, below), body)).status).toBe(202);
  question = () => new Response();
  await attack(1);
  expect(posts).toBe(1);
});

test('in a minute, a partner causes at most six questions, and six test events, replays and attempts', async () => {
  question = () => agreement();
  start({ RATE_LIMITS: 'on', RECEIVER_LIMIT: new CountingLimit(6) });
  const made = await (await send('POST', ENDPOINTS, { url: VICTIM })).json<Endpoint>();
  let accepted = 0;
  for (let i = 0; i < 9; i++) {
    await change(made, { url: `${VICTIM}?${i}` });
    const created = await send('POST', ENDPOINTS, { url: VICTIM });
    if (created.ok) {
      await send('DELETE', endpointPath(await created.json<Endpoint>()));
    }
    for (const [below, body] of [
      ['/test-deliveries', undefined],
      ['/attempts', undefined],
      ['/replays', { after: partner.cursor }],
      ['/replays', { sequence: 1 }],
    ] as const) {
      const { status } = await send('POST', endpointPath(made, below), body);
      accepted += status === 429 ? 0 : 1;
    }
  }
  expect([questions, accepted]).toEqual([6, 6]);
});
