import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { plain } from '../../../scripts/partner/print.ts';
import type { CredentialView } from '../../../scripts/partner/view.ts';
import { BATCHES, START, TestApi, TICKETS } from '../../support/api.ts';
import { homes } from '../../support/homes.ts';
import { failureOf, partnerAfter, runPartner } from '../../support/partner-command.ts';
import { NOBODY, newTicket, PRODUCT } from '../../support/tickets.ts';
import { post, requestToken, type Token } from '../../support/token-requests.ts';

const GARAGE = `Bob's "Garage"; --`;
const UNKNOWN_ID = crypto.randomUUID();

let api: TestApi;
let client: CredentialView;
let key: CredentialView;

beforeEach(async () => {
  api = new TestApi();
  const made = await partnerAfter(['create', '--name', GARAGE]);
  [client, key] = [...made.clients, ...made.api_keys] as [CredentialView, CredentialView];
});

const tokenOf = (view: CredentialView, parameters = {}) => {
  const proof = post({ clientId: view.id, clientSecret: view.client_secret as string });
  return requestToken(api, proof, parameters);
};

async function statusWith(token: Response, { api_key }: CredentialView): Promise<number> {
  const { access_token } = await token.json<Token>();
  const headers = { authorization: `Bearer ${access_token}`, 'x-api-key': api_key as string };
  return (await api.request('GET', TICKETS, { headers })).status;
}

/** Returns all rows of the tables that hold partners and their credentials. */
async function stored() {
  const tables = ['partners', 'clients', 'api_keys', 'retired_secrets'];
  const all = tables.map((table) => env.DB.prepare(`SELECT * FROM ${table} ORDER BY 1`));
  return (await env.DB.batch(all)).map(({ results }) => results);
}

describe('create', () => {
  test('creates a partner that can call the ticket operations immediately, but not manage credentials', async () => {
    const token = await tokenOf(client);
    expect(token.status).toBe(200);
    const managing = await tokenOf(client, { scope: 'credentials:manage' });
    expect(managing.status).toBe(400);
    expect(await statusWith(token, key)).toBe(200);
    expect({ client, key }).toMatchObject({
      client: { name: GARAGE, scopes: ['prepared-tickets:read', 'prepared-tickets:write'] },
      key: { name: GARAGE, api_key: expect.stringMatching(/^ptk_test_/) },
    });
  });

  test('grants the scopes of --scopes, in the order of the API and each once', async () => {
    const scopes = ' credentials:manage  prepared-tickets:read credentials:manage';
    const { clients } = await partnerAfter(['create', '--name', 'B', '--scopes', scopes]);
    expect(clients[0]?.scopes).toEqual(['prepared-tickets:read', 'credentials:manage']);
    const token = await tokenOf(clients[0] as CredentialView, { scope: 'credentials:manage' });
    expect(token.status).toBe(200);
  });

  test('adds a client and an API key to a partner, which expire at the time of --expires', async () => {
    const end = new Date(START + 60_000).toISOString();
    const more = ['create', '--partner', GARAGE, '--expires', end];
    const { clients } = await partnerAfter([...more, '--client', 'C']);
    const { api_keys } = await partnerAfter([...more, '--key', 'K']);
    const [second, secondKey] = [...clients, ...api_keys] as [CredentialView, CredentialView];
    expect(second).toMatchObject({ name: 'C', expires_at: end });
    expect(secondKey).toMatchObject({ name: 'K', expires_at: end });
    expect(await statusWith(await tokenOf(second), secondKey)).toBe(200);
    api.now += 60_000;
    expect((await tokenOf(second)).status).toBe(400);
    expect(await statusWith(await tokenOf(client), secondKey)).toBe(401);
  });

  test.each(['--client', '--key'])('creates at most five credentials with %s', async (option) => {
    const more = ['create', '--partner', GARAGE, option];
    for (const name of ['2', '3', '4', '5']) {
      await runPartner([...more, name]);
    }
    const before = await stored();
    const failure = await failureOf([...more, '6']);
    expect(failure).toMatchObject({ name: 'NotPossible', exitCode: 3 });
    expect(failure.message).toContain('5');
    expect(await stored()).toEqual(before);
  });

  test('changes nothing if another partner has that name', async () => {
    const before = await stored();
    expect(await failureOf(['create', '--name', GARAGE])).toMatchObject({ exitCode: 3 });
    expect(await stored()).toEqual(before);
  });
});

describe('list', () => {
  test('shows all partners, or one, with their credentials but without secrets and hashes', async () => {
    await runPartner(['create', '--name', 'Other']);
    const secrets = await env.DB.prepare(
      'SELECT secret_sha256 AS hash FROM clients UNION SELECT sha256 FROM api_keys',
    ).all<{ hash: string }>();
    const { partners, json } = await runPartner(['list']);
    const namesIn = (views: readonly CredentialView[]) => views.map(({ name }) => name);
    expect(
      partners.map((each) => [each.name, namesIn(each.clients), namesIn(each.api_keys)]),
    ).toEqual([GARAGE, 'Other'].map((name) => [name, [name], [name]]));
    for (const secret of [
      client.client_secret as string,
      key.api_key as string,
      ...secrets.results.map(({ hash }) => hash),
    ]) {
      expect(JSON.stringify(json)).not.toContain(secret);
    }
    const { client_secret: _, ...shownClient } = client;
    const { api_key: __, ...shownKey } = key;
    const one = await runPartner(['list', '--partner', GARAGE]);
    expect(one.json).toEqual({
      partners: [
        {
          id: expect.any(Number),
          home: homes[0].name,
          name: GARAGE,
          created_at: new Date(START).toISOString(),
          disabled: false,
          disabled_at: null,
          max_prepared_tickets: 2_000_000,
          full_at: null,
          max_product_lines: 10_000_000,
          lines_full_at: null,
          clients: [shownClient],
          api_keys: [shownKey],
        },
      ],
    });
  });
});

describe('disable and enable', () => {
  test.each([
    ['--client', [400, 401]],
    ['--key', [200, 401]],
    ['--partner', [400, 401]],
  ])('reject, then accept again, the credentials that %s selects', async (option, statuses) => {
    const other = await partnerAfter(['create', '--name', 'Other']);
    const token = await tokenOf(client);
    const value = { '--client': client.id, '--key': key.id, '--partner': GARAGE }[option] as string;
    const shown = await partnerAfter(['disable', option, value]);
    const disabled = [...shown.clients, ...shown.api_keys];
    expect(disabled).toHaveLength(option === '--partner' ? 2 : 1);
    expect(disabled.every((view) => view.disabled)).toBe(true);
    expect([(await tokenOf(client)).status, await statusWith(token, key)]).toEqual(statuses);
    const [otherClient, otherKey] = [...other.clients, ...other.api_keys] as [
      CredentialView,
      CredentialView,
    ];
    expect(await statusWith(await tokenOf(otherClient), otherKey)).toBe(200);
    api = new TestApi();
    await runPartner(['enable', option, value]);
    expect(await statusWith(await tokenOf(client), key)).toBe(200);
  });

  test('do not make tokens valid again that were issued before the client was disabled', async () => {
    const token = await tokenOf(client);
    await runPartner(['disable', '--client', client.id], START + 1000);
    const version = () => env.DB.prepare('SELECT version FROM clients').first<number>('version');
    const before = (await version()) as number;
    await runPartner(['enable', '--client', client.id], START + 2000);
    expect(await version(), 'the ETag changes').toBe(before + 1);
    api.now = START + 2000;
    expect(await statusWith(token, key)).toBe(401);
    expect(await statusWith(await tokenOf(client), key)).toBe(200);
  });

  test('show a partner as disabled even after one of its clients is enabled', async () => {
    const since = new Date(START).toISOString();
    const disabled = { disabled: true, disabled_at: since };
    await runPartner(['disable', '--partner', GARAGE]);
    expect(await partnerAfter(['disable', '--partner', GARAGE], START + 1)).toMatchObject(disabled);
    expect(await partnerAfter(['enable', '--client', client.id])).toMatchObject(disabled);
    const listed = await runPartner(['list']);
    expect(listed.json).toMatchObject({ partners: [disabled] });
    expect(plain(listed)).toContain(`created ${since}, disabled since ${since}`);
    const enabled = await partnerAfter(['enable', '--partner', GARAGE]);
    expect(enabled).toMatchObject({ disabled: false, disabled_at: null });
    expect(plain(await runPartner(['list']))).not.toContain('disabled since');
  });

  test('keep the time of the first `disable`', async () => {
    await runPartner(['disable', '--client', client.id]);
    const { clients } = await partnerAfter(['disable', '--client', client.id], START + 1);
    expect(clients[0]?.disabled_at).toBe(new Date(START).toISOString());
  });
});

describe('delete', () => {
  test('rejects the deleted client and its old secrets, and allows a new client in its place', async () => {
    await runPartner(['rotate', '--client', client.id, '--overlap', '60']);
    for (const name of ['2', '3', '4', '5']) {
      await runPartner(['create', '--partner', GARAGE, '--client', name]);
    }
    const { clients } = await partnerAfter(['delete', '--client', client.id]);
    expect(clients.map(({ id }) => id)).toEqual([client.id]);
    expect((await tokenOf(client)).status).toBe(401);
    await expect(runPartner(['delete', '--client', client.id])).rejects.toMatchObject({
      exitCode: 3,
    });
    expect(await partnerAfter(['create', '--partner', GARAGE, '--client', '6'])).toMatchObject({
      clients: [{ name: '6' }],
    });
  });

  test('rejects the deleted API key', async () => {
    const token = await tokenOf(client);
    await runPartner(['delete', '--key', key.id]);
    expect(await statusWith(token, key)).toBe(401);
  });
});

describe('rotate', () => {
  test('keeps the old secret of a client valid during the overlap', async () => {
    const { clients } = await partnerAfter(['rotate', '--client', client.id, '--overlap', '60']);
    const [rotated] = clients as [CredentialView];
    expect(rotated.old_secret_expires_at).toBe(new Date(START + 60_000).toISOString());
    api.now += 59_999;
    expect((await tokenOf(client)).status).toBe(200);
    expect((await tokenOf(rotated)).status).toBe(200);
    api.now += 1;
    expect((await tokenOf(client)).status).toBe(401);
    expect((await tokenOf(rotated)).status).toBe(200);
  });

  test('rejects the old API key immediately with an overlap of 0', async () => {
    const { api_keys } = await partnerAfter(['rotate', '--key', key.id, '--overlap', '0']);
    expect(await statusWith(await tokenOf(client), key)).toBe(401);
    expect(await statusWith(await tokenOf(client), api_keys[0] as CredentialView)).toBe(200);
  });

  test('uses an overlap of one day by default, which ends no later than the credential expires', async () => {
    const { clients } = await partnerAfter(['rotate', '--client', client.id.toUpperCase()]);
    expect(clients[0]?.old_secret_expires_at).toBe(new Date(START + 86_400_000).toISOString());
    const end = new Date(START + 5000).toISOString();
    const ending = ['create', '--partner', GARAGE, '--key', 'K', '--expires', end];
    const { api_keys } = await partnerAfter(ending);
    const rotated = await partnerAfter(['rotate', '--key', api_keys[0]?.id as string]);
    expect(rotated.api_keys[0]?.old_secret_expires_at).toBe(end);
  });

  test('gives a disabled client no overlap and shows none', async () => {
    await partnerAfter(['disable', '--client', client.id]);
    const { clients } = await partnerAfter(['rotate', '--client', client.id]);
    expect(clients[0]?.old_secret_expires_at).toBe(new Date(START).toISOString());
    await partnerAfter(['enable', '--client', client.id]);
    expect((await tokenOf(client)).status).toBe(401);
  });
});

describe('quota', () => {
  const quota = (...more: string[]) => runPartner(['quota', '--partner', GARAGE, ...more]);

  async function send(path: string, body: object): Promise<number> {
    const { access_token } = await (await tokenOf(client)).json<Token>();
    const headers = {
      authorization: `Bearer ${access_token}`,
      'x-api-key': key.api_key as string,
    };
    return (await api.request('POST', path, { body, headers })).status;
  }

  const createTicket = () => send(TICKETS, newTicket);

  /** Creates a ticket with two product lines. */
  const createLines = () => {
    const product_lines = [PRODUCT, NOBODY].map((product_id) => ({ product_id, quantity: 1 }));
    return send(BATCHES, { prepared_tickets: [{ ...newTicket, product_lines }] });
  };

  test('shows the tickets and the quota of a partner, and changes nothing', async () => {
    await createTicket();
    const before = await stored();
    const outcome = await quota();
    expect(outcome.json).toMatchObject({
      name: GARAGE,
      prepared_tickets: 1,
      max_prepared_tickets: 2_000_000,
      full_at: null,
      product_lines: 0,
      max_product_lines: 10_000_000,
      lines_full_at: null,
    });
    expect(plain(outcome)).toContain('has 1 prepared tickets and may have 2000000.');
    expect(plain(outcome)).toContain('have 0 product lines and may have 10000000.');
    expect(await stored()).toEqual(before);
  });

  test('takes effect at once, in both directions, and no other partner changes', async () => {
    await partnerAfter(['create', '--name', 'Other']);
    expect(await createTicket()).toBe(201);
    const lowered = await quota('--tickets', '1');
    const full_at = new Date(START).toISOString();
    expect(lowered.json).toMatchObject({ prepared_tickets: 1, max_prepared_tickets: 1, full_at });
    expect(plain(lowered)).toContain(`creates no more prepared tickets since ${full_at}`);
    expect(await createTicket()).toBe(409);
    const raised = await quota('--tickets', '2');
    expect(raised.json).toMatchObject({ max_prepared_tickets: 2, full_at: null });
    expect(await createTicket()).toBe(201);
    expect(await partnerAfter(['list', '--partner', 'Other'])).toMatchObject({
      max_prepared_tickets: 2_000_000,
      full_at: null,
    });
  });

  test('of lines takes effect at once, in both directions, and leaves that of tickets alone', async () => {
    expect(await createLines()).toBe(201);
    const lowered = await quota('--lines', '2');
    const lines_full_at = new Date(START).toISOString();
    expect(lowered.json).toMatchObject({
      product_lines: 2,
      max_product_lines: 2,
      lines_full_at,
      max_prepared_tickets: 2_000_000,
      full_at: null,
    });
    expect(plain(lowered)).toContain(`adds no more product lines since ${lines_full_at}`);
    expect([await createLines(), await createTicket()]).toEqual([409, 201]);
    const raised = await quota('--lines', '3');
    expect(raised.json).toMatchObject({ max_product_lines: 3, lines_full_at: null });
    expect(await createLines()).toBe(201);
  });

  test('changes both quotas together', async () => {
    const { json } = await quota('--tickets', '5', '--lines', '0');
    expect(json).toMatchObject({
      ...{ max_prepared_tickets: 5, full_at: null },
      ...{ max_product_lines: 0, lines_full_at: new Date(START).toISOString() },
    });
  });

  test('keeps the time at which it was reached when it stays reached', async () => {
    await quota('--tickets', '0', '--lines', '0');
    const args = ['quota', '--partner', GARAGE, '--tickets', '0', '--lines', '0'];
    const later = await partnerAfter(args, START + 1);
    const reached = new Date(START).toISOString();
    expect([later.full_at, later.lines_full_at]).toEqual([reached, reached]);
  });
});

test.each([
  ['quota', '--partner', 'No'],
  ['quota', '--partner', 'No', '--tickets', '1', '--lines', '1'],
  ['create', '--partner', 'No', '--client', 'C'],
  ['create', '--partner', 'No', '--key', 'K'],
  ['list', '--partner', 'No'],
  ['disable', '--partner', 'No'],
  ['enable', '--partner', 'No'],
  ...['disable', 'enable', 'delete', 'rotate'].flatMap((command) => [
    [command, '--client', UNKNOWN_ID],
    [command, '--key', UNKNOWN_ID],
  ]),
])('%s %s of an unknown partner or credential changes nothing', async (...args) => {
  const before = await stored();
  const failure = await failureOf(args);
  expect(failure).toMatchObject({ name: 'NotPossible', exitCode: 3 });
  expect(failure.message).toMatch(/^There is no .* Nothing was changed\.$/);
  expect(await stored()).toEqual(before);
});
