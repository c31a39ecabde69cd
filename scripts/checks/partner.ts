import { join } from 'node:path';
import { z } from 'zod';
import { demoPartners } from '../dev/demo-credentials.ts';
import type { LocalServer } from '../dev/local-server.ts';
import {
  type Credential,
  type FailingCommand,
  Operator,
  partner,
  UNKNOWN_ID,
} from './partner/operator.ts';
import { Receiver, withReceivers } from './webhooks/receiver.ts';

const endpoint = z.object({
  id: z.string(),
  disabled: z.boolean(),
  disabled_reason: z.string().nullable(),
});
const shown = endpoint.extend({ partner: z.string(), consent: z.boolean(), behind: z.int() });
const endpoints = z.object({ endpoints: z.array(shown) });
const hosts = z.object({ hosts: z.array(z.object({ host: z.string() })) });
const denial = z.object({ host: z.string(), concerned: z.array(z.unknown()) });
const allowance = z.object({ still_denied_by: z.array(z.unknown()) });

const ENDPOINTS = '/v2/system/webhook-endpoints';
const DENIED = 'victim.example';

/** Disables, enables and deletes an endpoint, each time seen through the API, and denies and allows a host. */
async function checkWebhooks(operator: Operator): Promise<void> {
  const scope = 'webhooks:manage';
  const made = await operator.succeed(partner, 'create', '--name', 'W', '--scopes', scope);
  const [client, key] = [...made.clients, ...made.api_keys] as [Credential, Credential];
  const token = await operator.token('for webhooks', client, '200', { scope });
  const send = (what: string, expected: number, ...request: [string, string?, object?]) =>
    operator.send(what, token, key, expected, ...request);
  const receiver = new Receiver('partner', () => ({ status: 204 }));
  await withReceivers([receiver], async () => {
    const { url } = receiver;
    const { id } = endpoint.parse(
      await send('Creating an endpoint', 201, ENDPOINTS, 'POST', { url }),
    );
    const path = `${ENDPOINTS}/${id}`;
    const enabled = { ...{ url, description: '', event_types: null }, disabled: false };
    const listed = await operator.succeed(endpoints, 'endpoints', 'list', '--partner', 'W');
    const [one] = listed.endpoints;
    operator.require(
      listed.endpoints.length === 1 && one?.id === id && one.consent && !one.disabled,
      'endpoints list does not show the endpoint that agreed.',
    );
    await operator.succeed(shown, 'endpoints', 'disable', '--endpoint', id);
    const held = endpoint.parse(await send('Enabling an endpoint', 200, path, 'PUT', enabled));
    operator.require(
      held.disabled && held.disabled_reason === 'operator',
      'A partner has enabled an endpoint that the operator disabled.',
    );
    await operator.succeed(shown, 'endpoints', 'enable', '--partner', 'W');
    const free = endpoint.parse(await send('Reading an endpoint', 200, path));
    operator.require(!free.disabled, 'endpoints enable does not enable the endpoint.');

    const denied = await operator.succeed(denial, 'hosts', 'deny', DENIED.toUpperCase());
    operator.require(denied.concerned.length === 0, 'A host concerns endpoints elsewhere.');
    const refused = { url: `https://hooks.${DENIED}/` };
    await send('Creating an endpoint at a denied host', 400, ENDPOINTS, 'POST', refused);
    const listedHosts = await operator.succeed(hosts, 'hosts', 'list');
    operator.require(listedHosts.hosts.at(0)?.host === DENIED, 'hosts list lacks a denied host.');
    await operator.succeed(allowance, 'hosts', 'allow', DENIED);
    const none = await operator.succeed(hosts, 'hosts', 'list');
    operator.require(none.hosts.length === 0, 'hosts allow does not allow a host.');

    await operator.succeed(shown, 'endpoints', 'delete', '--endpoint', id);
    await send('Reading a deleted endpoint', 404, path);
  });
}

const quota = z.object({
  prepared_tickets: z.int(),
  full_at: z.string().nullable(),
  lines_full_at: z.string().nullable(),
});
const list = z.object({ partners: z.array(partner) });

/** Wrong uses of each kind. The tests of the command line have the others. */
const wrongUses: readonly FailingCommand[] = [
  [[], 2, 'create, list, quota, disable, enable, delete, rotate'],
  [['create', '--nmae', 'A'], 2, '--name'],
  [['rotate', '--client', UNKNOWN_ID, '--overlap', '2592001'], 2, '--overlap'],
  [['endpoints', 'disable', '--endpoint', UNKNOWN_ID], 3, 'endpoints list'],
];

/** Parses the credentials in the output for people. */
function parseOutput(text: string): { client: Credential; key: Credential } {
  const shown = (label: string) => new RegExp(`${label}: +(\\S+)$`, 'm').exec(text)?.[1] ?? '';
  return {
    client: { id: shown('client_id'), client_secret: shown('client_secret'), disabled: false },
    key: { id: shown('id'), api_key: shown('api_key'), disabled: false },
  };
}

/** Creates a partner, rotates, disables and enables its client, and finally disables the partner. */
async function checkCommands(operator: Operator): Promise<void> {
  const created = await operator.run(['create', '--name', 'A']);
  operator.require(created.code === 0, `partner create --name A failed: ${created.stderr}`);
  const { client: first, key } = parseOutput(created.stdout);
  const token = await operator.token('for a new client', first, '200');
  await operator.tickets('with a new key', token, key, 200);

  const rotate = async (overlap: string) => {
    const args = ['rotate', '--client', first.id, '--overlap', overlap];
    return (await operator.succeed(partner, ...args)).clients[0] as Credential;
  };
  const second = await rotate('60');
  await operator.token('with the old secret, within its overlap', first, '200');
  await operator.token('with the new secret', second, '200');
  const third = await rotate('0');
  await operator.token('with a secret that was rotated away', second, '401 invalid_client');
  await operator.token('with a secret whose overlap was cut', first, '401 invalid_client');

  await operator.succeed(partner, 'disable', '--client', first.id);
  await operator.token('for a disabled client', third, '400 unauthorized_client');
  await operator.succeed(partner, 'enable', '--client', first.id);
  // Later than 60 seconds after that, the API accepts no token from before.
  const renewed = await operator.token('for an enabled client', third, '200');

  const none = await operator.succeed(quota, 'quota', '--partner', 'A', '--tickets', '0');
  operator.require(none.full_at !== null, 'A is not full with a quota of 0.');
  await operator.create('beyond the quota', renewed, key, 409);
  const noLines = ['--tickets', '1', '--lines', '0'];
  const some = await operator.succeed(quota, 'quota', '--partner', 'A', ...noLines);
  operator.require(some.lines_full_at !== null, 'A is not full of lines with a quota of 0.');
  operator.require(some.prepared_tickets === 0 && some.full_at === null, 'A is full.');
  await operator.create('within the quota', renewed, key, 201);

  // Both run at the same time, so that one waits for the other.
  const [{ api_keys }] = await Promise.all([
    operator.succeed(partner, 'create', '--partner', 'A', '--key', 'K'),
    operator.fail([['create', '--name', 'A'], 3, 'already']),
  ]);
  const changed = await operator.succeed(partner, 'disable', '--partner', 'A');
  const all = [...changed.clients, ...changed.api_keys];
  operator.require(all.length === 3 && all.every(({ disabled }) => disabled), 'A is not disabled.');
  await operator.token('for the client of a disabled partner', third, '400 unauthorized_client');
  // The API can trust the first key for another 60 seconds, so this uses the new one.
  await operator.tickets('with a disabled key', token, api_keys[0] as Credential, 401);
}

/** Runs `list`. It must show every partner and no hash. */
async function checkList(operator: Operator): Promise<void> {
  const { stdout } = await operator.run(['list', '--json']);
  const { partners } = list.parse(JSON.parse(stdout));
  operator.require(
    partners.length === demoPartners.length + 2,
    `list shows ${partners.length} partners.`,
  );
  operator.require(!/[0-9a-f]{64}/i.test(stdout), 'list shows a hash.');
}

/** Runs `npm run partner` like an operator, and checks through the API that each command took effect. */
export async function checkPartner(server: LocalServer): Promise<string[]> {
  const operator = new Operator(server);
  const refusals = wrongUses.map((wrong) => operator.fail(wrong));
  await Promise.all([checkCommands(operator), checkWebhooks(operator), ...refusals]);
  const empty = { DEV_STATE: join(server.environment.DEV_STATE ?? '', 'empty') };
  await Promise.all([checkList(operator), operator.fail([['list'], 1, 'npm run dev'], empty)]);
  return operator.faults;
}
