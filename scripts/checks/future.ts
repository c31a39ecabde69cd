import { delimiter, dirname } from 'node:path';
import {
  bodyOf,
  type ShownEvent,
} from '../../src/resources/system/webhook-endpoints/delivery/message.ts';
import { demoAccess } from '../dev/demo-access.ts';
import type { LocalServer } from '../dev/local-server.ts';
import { failureOf, run } from '../process/command.ts';
import { withFolder } from '../process/folder.ts';
import { checkFollowers } from './followers.ts';
import { checkClient, PAGE, type Scene, tools } from './future/client.ts';
import { respondLater, rewrite } from './future/rewrite.ts';
import { checkNights, undisturbed } from './guide-nights.ts';
import { checkReceivers } from './guide-receivers.ts';
import { SYNC } from './nights/erp.ts';
import { type ApiProxy, withProxy } from './nights/proxy.ts';

/** The page that tells partners how to generate a client. */
const GUIDE = '/docs/generate-a-client.md';
/** The folders of the programs of each client, in the order of its commands in the guide. */
const CLIENTS = ['docs/typescript-client', 'docs/hey-api-client', 'docs/orval-client'];
const TICKETS = '/v2/tickets/prepared-tickets';

/** Creates what the clients read. @param api the address of the API of a later year. */
async function prepare(server: LocalServer, api: string): Promise<Scene> {
  const { variables, request } = await demoAccess(server);
  const customer_id = crypto.randomUUID();
  const ticket = { customer_id, vehicle_model_id: 1, preparer_external_reference: 'check:future' };
  const create = (vin: string | null) =>
    request<{ id: string }>('POST', TICKETS, { ...ticket, vin });
  const incomplete = await create(null);
  const ready = await create('JH4KA7630PC007649');
  await request('PUT', `${TICKETS}/${ready.id}/product-lines/${customer_id}`, { quantity: 1 });
  await request('POST', `${TICKETS}/${ready.id}/pick-up`, { customer_id });
  const endpoint = { url: 'https://hooks.garage.example/tickets', disabled: true };
  await request('POST', '/v2/system/webhook-endpoints', endpoint);
  const tickets = await request<{ result: { ticket_number: number }[] }>(
    'GET',
    `${TICKETS}?limit=1000`,
  );
  const events = await request<{ result: ShownEvent[] }>('GET', '/v2/system/events?limit=1000');
  // `node` is the one that runs this check, because older ones need a build.
  const PATH = [dirname(process.execPath), process.env.PATH].join(delimiter);
  return {
    environment: { ...variables, PATH },
    later: { API: api, INCOMPLETE: incomplete.id },
    numbers: tickets.result.map(({ ticket_number }) => ticket_number),
    webhooks: events.result.map((event) => rewrite(bodyOf(event))).join('\n'),
  };
}

/** Checks each client of the guide. */
async function checkClients({ origin }: LocalServer, scene: Scene): Promise<string[]> {
  await tools.install();
  const guide = await (await fetch(origin + GUIDE)).text();
  const blocks = Array.from(
    guide.matchAll(/^```bash\n([\s\S]*?)^```$/gm),
    ([, block = '']) => block,
  );
  if (blocks.length !== CLIENTS.length || scene.numbers.length <= PAGE) {
    const { length } = scene.numbers;
    return [`${GUIDE} has ${blocks.length} blocks of commands, and ${length} tickets exist.`];
  }
  const faults = blocks.map((commands, i) =>
    withFolder((folder) => checkClient(folder, CLIENTS[i] as string, commands, scene)),
  );
  return (await Promise.all(faults)).flat();
}

/** Checks the program of the guide about tokens, which gets one and uses it. */
async function checkToken(environment: Scene['environment']): Promise<string[]> {
  const program = 'docs/guides/access_token.js';
  return failureOf(program, await run(process.execPath, [program], { environment }));
}

/**
 * Checks the guide "Generate a client", whose clients come from openapi-typescript, Hey API and orval. For each it
 * runs the commands of the guide, whose program exports all tickets in several pages. Then it compiles everything under
 * `strict`, and runs a program that creates, lists, updates and deletes a ticket.
 *
 * At last each client spends a night with an API of a later year, which sends members, codes, event types and others
 * that today's document does not name. It must receive them without a fault, as must the programs of the guides.
 */
export async function checkFuture(server: LocalServer): Promise<string[]> {
  const use = async ({ origin, received }: ApiProxy) => {
    const scene = await prepare(server, origin);
    const faults = await Promise.all([
      checkClients(server, scene),
      checkNights(server, [undisturbed], origin),
      checkToken({ ...scene.environment, ...scene.later }),
      checkFollowers(rewrite),
      checkReceivers(rewrite),
    ]);
    // Each client sends one sync. Only the programs of "Sync your ERP" send more.
    const syncs = received.filter(({ asked }) => asked === SYNC).length;
    return [
      ...faults.flat(),
      ...(syncs > CLIENTS.length ? [] : [`The API of a later year received ${syncs} syncs only.`]),
    ];
  };
  return withProxy(server.origin, use, respondLater);
}
