import { z } from 'zod';
import { Receiver, withReceivers } from '../webhooks/receiver.ts';
import { type Credential, type Operator, partner } from './operator.ts';

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
export async function checkWebhooks(operator: Operator): Promise<void> {
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
