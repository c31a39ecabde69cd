import { beforeEach, describe, expect, test } from 'vitest';
import { newApiKey } from '../../src/auth/secrets.ts';
import { TestApi } from '../support/api.ts';
import { protectedOperations, subjectOf } from '../support/calls.ts';
import { allRows } from '../support/d1.ts';
import type { DocumentedOperation } from '../support/document.ts';
import { EVENTS } from '../support/events.ts';
import { exportPath, nextOf } from '../support/exports.ts';
import { eu, main, twoHomes, useEu } from '../support/homes.ts';
import { Scene } from '../support/scene.ts';
import { textOf } from '../support/texts.ts';
import { writeTicket } from '../support/tickets.ts';
import { basic, type ClientProof, post, requestToken } from '../support/token-requests.ts';

useEu();

/** The operations whose path names a resource, without those that create it. */
const onResources = protectedOperations.filter(({ responses }) => '404' in responses);
const lists = protectedOperations.filter(
  ({ method, path }) => method === 'GET' && !path.includes('{'),
);
const keyed = protectedOperations.filter(
  ({ method, parameters = [] }) =>
    method === 'POST' && parameters.some(({ name }) => name === 'Idempotency-Key'),
);

/** What a caller learns from a response, without the id of the request. */
async function answerOf(response: Response) {
  const { request_id: _id, ...body } = await response.json<Record<string, unknown>>();
  const headers = [...response.headers.keys()].filter((name) => name !== 'server-timing');
  const challenge = response.headers.get('www-authenticate');
  return { status: response.status, body, headers, challenge };
}

describe.each([
  ['eu', 'main', eu, main],
  ['main', 'eu', main, eu],
])('nothing of a partner of %s is open to one of %s', (_foreign, _own, foreignHome, ownHome) => {
  let api: TestApi;
  /** Calls. */
  let caller: Scene;
  /** Lives in the home of the caller, and foreign in the other one. The caller must not notice the difference. */
  let neighbour: Scene;
  let foreign: Scene;
  let before: Awaited<ReturnType<typeof allRows>>;

  beforeEach(async () => {
    api = new TestApi(twoHomes);
    caller = await Scene.set({ preparer_external_reference: 'CALLER' }, { home: ownHome });
    neighbour = await Scene.set({ preparer_external_reference: 'NEIGHBOUR' }, { home: ownHome });
    foreign = await Scene.set({ preparer_external_reference: 'FOREIGN' }, { home: foreignHome });
    for (const scene of [caller, neighbour, foreign]) {
      scene.api = api;
    }
    before = await allRows();
  });

  const expectUnwritten = async () => expect(await allRows()).toEqual(before);

  test.each(onResources)('by its ids: $operationId', async (operation) => {
    const send = async (owner: Scene) =>
      answerOf(await caller.send(operation, { id: subjectOf(operation, owner) }));
    const [known, crossed] = [await send(neighbour), await send(foreign)];
    expect(crossed).toEqual(known);
    expect(crossed.status).toBe(404);
    await expectUnwritten();
  });

  test.each(protectedOperations)('by its API key: $operationId', async (operation) => {
    const send = async (apiKey: string) =>
      answerOf(await caller.send(operation, { headers: { 'x-api-key': apiKey } }));
    const crossed = await send(foreign.partner.apiKey);
    expect(crossed).toEqual(await send(newApiKey('test')));
    expect(crossed).toMatchObject({ status: 401, body: { type: '/problems/api-key-invalid' } });
    await expectUnwritten();
  });

  test.each(protectedOperations)('by its access token: $operationId', async (operation) => {
    const { authorization = '' } = await foreign.partner.headers(api);
    const response = await caller.send(operation, { headers: { authorization } });
    expect(await answerOf(response)).toMatchObject({
      ...{ status: 401, body: { type: '/problems/api-key-invalid' } },
    });
    await expectUnwritten();
  });

  test.each<[string, (client: Parameters<typeof basic>[0]) => ClientProof]>([
    ['client_secret_basic', basic],
    ['client_secret_post', post],
  ])('by its client secret in %s', async (_method, proof) => {
    const ask = async (clientId: string, clientSecret: string) =>
      answerOf(await requestToken(api, proof({ clientId, clientSecret })));
    const { clientId, clientSecret } = caller.partner;
    const known = await ask(clientId, neighbour.partner.clientSecret);
    expect(known.body.error).toBe('invalid_client');
    expect(await ask(clientId, foreign.partner.clientSecret)).toEqual(known);
    expect(await ask(foreign.partner.clientId, clientSecret)).toEqual(known);
    await expectUnwritten();
  });

  test('by its cursors', async () => {
    const ask = async ({ partner }: Scene) => {
      await writeTicket(partner);
      const page = await api.get(exportPath({ limit: 1 }), partner);
      const feed = await api.get(`${EVENTS}?after=${partner.cursor}`, caller.partner);
      const exported = await api.get(`${nextOf(page)}`, caller.partner);
      const replays = protectedOperations.find(({ path }) => path.endsWith('/replays'));
      const replay = await caller.send(replays as DocumentedOperation, {
        body: { after: partner.cursor },
      });
      return Promise.all([feed, exported, replay].map(answerOf));
    };
    // A 400 has a bookmark only if the request had to confirm its caller.
    await api.get('/v2/system/partner', caller.partner);
    const [known, crossed] = [await ask(neighbour), await ask(foreign)];
    expect(crossed).toEqual(known);
    for (const { status, body } of crossed) {
      expect([status, body.type]).toEqual([400, '/problems/violations']);
    }
  });

  test('by its bookmarks, which are as none', async () => {
    const made = await foreign.send(operationOf('createPreparedTicket'));
    const bookmark = made.headers.get('x-d1-bookmark') as string;
    expect(bookmark).toMatch(new RegExp(`^${foreignHome.number}\\.1\\.`));
    const list = operationOf('listPreparedTickets');
    const plain = await answerOf(await caller.send(list));
    const sent = await caller.send(list, { headers: { 'x-d1-bookmark': bookmark } });
    expect(await answerOf(sent)).toEqual(plain);
  });

  test.each(keyed)('by its idempotency keys: $operationId', async (operation) => {
    const headers = { 'idempotency-key': '"one key"' };
    const responses = [
      await foreign.send(operation, { headers }),
      await caller.send(operation, { headers }),
    ];
    for (const response of responses) {
      expect(response.status).toBe(201);
      expect(response.headers.has('idempotent-replayed')).toBe(false);
    }
    const [theirs, own] = await Promise.all(responses.map((response) => response.text()));
    expect(own).not.toBe(theirs);
  });

  test.each(lists)('by a list: $operationId', async (operation) => {
    const text = await textOf(await caller.send(operation));
    const { partner, ticket, pickedUp, spare } = foreign;
    const theirs = [partner.clientId, partner.apiKeyId, ticket.id, pickedUp.id, spare];
    expect(theirs.filter((id) => text.includes(id))).toEqual([]);
  });
});

const operationOf = (id: string) =>
  protectedOperations.find(({ operationId }) => operationId === id) as DocumentedOperation;
