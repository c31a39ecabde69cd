import { type DemoAccess, demoAccess } from '../../dev/demo-access.ts';
import type { RunningServer } from '../../dev/local-server.ts';
import { until } from '../../process/until.ts';
import { enableEndpoint, expectedBy, isDisabled, readEvents, wakeLagging } from './endpoints.ts';
import { createTicket } from './load.ts';
import { accept, type Receivers, refuse } from './receivers.ts';
import { missingFaults, orderFaults } from './verdict.ts';

/** Two delays, so three attempts. */
const DELAYS = { WEBHOOK_DELAYS: '0,0' };
const ATTEMPTS = 3;
const WAIT_MS = 10_000;

/** Checks what happens when all attempts of an event fail. */
async function faultsOf(target: DemoAccess, { killed, healthy }: Receivers, id: string) {
  const known = killed.receipts.length;
  killed.behaviour = refuse;
  await createTicket(target);
  await createTicket(target);
  if (!(await until(() => isDisabled(target, id), WAIT_MS))) {
    return ['An endpoint that refuses every attempt is not disabled.'];
  }
  const attempts = killed.receipts.slice(known);
  const faults =
    attempts.length === ATTEMPTS && new Set(attempts.map((attempt) => attempt.id)).size === 1
      ? []
      : [`An endpoint was disabled after ${attempts.length} attempts instead of ${ATTEMPTS}.`];
  const events = await readEvents(target);
  const disabling = events.filter(
    ({ type, subject }) => type === 'webhook_endpoint.disabled' && subject.id === id,
  );
  if (disabling.length !== 1) {
    faults.push(`The feed has ${disabling.length} events of the endpoint that was disabled.`);
  }
  // The event is not recorded by a request, so only the cron trigger wakes the other endpoints.
  await wakeLagging(target);
  const isTold = () => healthy.receipts.some((receipt) => receipt.id === disabling[0]?.id);
  if (!(await until(isTold, WAIT_MS))) {
    faults.push('The other endpoints do not learn that an endpoint was disabled.');
  }
  killed.behaviour = accept;
  await enableEndpoint(target, id, killed);
  const expected = expectedBy(id, events);
  await until(() => missingFaults(killed, expected).length === 0, WAIT_MS);
  return [
    ...faults,
    ...missingFaults(killed, expected),
    ...orderFaults({ ...killed, receipts: killed.receipts.slice(known) }, []),
  ];
}

/**
 * Checks that an endpoint is disabled when all attempts of an event have failed, that an event says so, and
 * that it continues with the event at which it stopped when it is enabled again.
 *
 * @param start starts a server on the database of the endpoints.
 */
export async function exhaust(
  start: (settings: Readonly<Record<string, string>>) => Promise<RunningServer>,
  receivers: Receivers,
  ids: Readonly<Record<keyof Receivers, string>>,
): Promise<string[]> {
  receivers.flaky.behaviour = accept;
  const server = await start(DELAYS);
  const faults = await faultsOf(await demoAccess(server), receivers, ids.killed);
  await server.crash();
  return faults;
}
