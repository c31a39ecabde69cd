import { demoAccess } from '../dev/demo-access.ts';
import type { LocalServer } from '../dev/local-server.ts';
import { withFolder } from '../process/folder.ts';
import {
  DROP_PROGRAM,
  Erp,
  EXPORT,
  PICKED_UP_TICKET,
  SYNC,
  SYNC_PROGRAM,
  TOKEN,
} from './nights/erp.ts';
import { DROPPED_LATE, PICKED_UP, reports } from './nights/files.ts';
import { lose, pass, refuse, withProxy } from './nights/proxy.ts';

/** The seconds that a refused request has in `Retry-After`. */
const RETRY_AFTER_S = 2;

/** Five nights without a crash. The API is not well in the last one. */
export async function undisturbed(erp: Erp): Promise<void> {
  const { files, proxy } = erp;
  await erp.expect(SYNC_PROGRAM, files.first, 2, reports.first, [TOKEN, SYNC]);
  const before = await erp.events();
  await erp.expect(SYNC_PROGRAM, files.first, 2, reports.second, [TOKEN, SYNC]);
  const after = await erp.events();
  if (before !== 12 || after !== before) {
    erp.faults.push(`The first night has ${before} events, and the second one ${after - before}.`);
  }
  await Promise.all(PICKED_UP.map((name) => erp.pickUp(name)));
  const compared = [TOKEN, SYNC, ...PICKED_UP_TICKET, ...PICKED_UP_TICKET];
  await erp.expect(SYNC_PROGRAM, files.third, 2, reports.third, compared);
  const exported = [TOKEN, EXPORT, SYNC];
  await erp.expect(DROP_PROGRAM, files.third, 0, reports.dropped, exported);
  proxy.next.push(pass, pass, async (response, forward) => {
    await erp.pickUp(DROPPED_LATE);
    await pass(response, forward);
  });
  await erp.expect(DROP_PROGRAM, files.dropped, 0, reports.droppedLate, exported);
  await erp.expect(SYNC_PROGRAM, files.wrong, 2, reports.wrong, [TOKEN, SYNC, SYNC]);
  await erp.expect(DROP_PROGRAM, files.empty, 1, '', [TOKEN, EXPORT]);
  await erp.expect(DROP_PROGRAM, files.first, 1, '', []);
  await erp.shareReference();
  proxy.next.push(pass, refuse(429, { 'retry-after': String(RETRY_AFTER_S) }), lose, refuse(401));
  const asked = [TOKEN, SYNC, SYNC, SYNC, TOKEN, SYNC];
  await erp.expect(SYNC_PROGRAM, files.fourth, 2, reports.fourth, asked);
  const [, refused, repeated] = proxy.received.map(({ at }) => at) as [number, number, number];
  if (repeated - refused < RETRY_AFTER_S * 1000) {
    erp.faults.push(`${SYNC_PROGRAM} waits for ${repeated - refused} ms only after a 429.`);
  }
  await erp.compare();
}

const MAX_ORDERS = 2;
const MAX_LINES = 2;

/** Returns a fault for each sync of the last run that has more orders or lines than it may have. */
function largeSyncs({ proxy }: Erp): string[] {
  const syncs = proxy.received.filter(({ asked }) => asked === SYNC);
  return syncs.flatMap(({ body }) => {
    const orders: { product_lines: unknown[] }[] = JSON.parse(body).prepared_tickets;
    const lines = orders.flatMap(({ product_lines }) => product_lines);
    return orders.length > MAX_ORDERS || lines.length > MAX_LINES
      ? [`A sync has ${orders.length} orders and ${lines.length} lines.`]
      : [];
  });
}

/** The same nights with smaller syncs. Every run is killed, and started again. */
async function killed(erp: Erp): Promise<void> {
  const { faults, files } = erp;
  erp.limit(MAX_ORDERS, MAX_LINES);
  await erp.killAndRun(SYNC_PROGRAM, files.first, 7);
  faults.push(...largeSyncs(erp));
  await Promise.all(PICKED_UP.map((name) => erp.pickUp(name)));
  await erp.killAndRun(SYNC_PROGRAM, files.third, 9);
  faults.push(...largeSyncs(erp));
  await erp.killAndRun(DROP_PROGRAM, files.third, 3);
  await erp.pickUp(DROPPED_LATE);
  await erp.shareReference();
  await erp.killAndRun(SYNC_PROGRAM, files.fourth, 2);
  await erp.compare();
}

/**
 * Checks the programs of the guide "Sync your ERP" over some nights with new, changed, unchanged, cancelled, dropped,
 * repeated and invalid orders, another customer, and an order that was picked up. A night on which nothing changed
 * must raise no event. Runs that are killed at random points and started again must leave the same tickets.
 *
 * @param courses the courses of the nights.
 * @param api the address of the API as the programs see it.
 */
export async function checkNights(
  server: LocalServer,
  courses = [undisturbed, killed],
  api = server.origin,
): Promise<string[]> {
  const access = await demoAccess(server);
  const faults = courses.map((nights) =>
    withFolder((folder) =>
      withProxy(api, async (proxy) => {
        const erp = new Erp(folder, access, proxy);
        await nights(erp);
        return erp.faults;
      }),
    ),
  );
  return (await Promise.all(faults)).flat();
}
