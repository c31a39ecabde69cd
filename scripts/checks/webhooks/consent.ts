import { setTimeout as sleep } from 'node:timers/promises';
import type { DemoAccess } from '../../dev/demo-access.ts';
import { until } from '../../process/until.ts';
import {
  createEndpoint,
  ENDPOINTS,
  enableEndpoint,
  expectedBy,
  isDisabled,
  readEvents,
} from './endpoints.ts';
import { createTicket } from './load.ts';
import { AGREES, Receiver, withReceivers } from './receiver.ts';
import { accept } from './receivers.ts';
import { missingFaults, orderFaults } from './verdict.ts';

const WAIT_MS = 10_000;
/** The time in which a webhook would arrive that must not. */
const QUIET_MS = 1_000;

/** Returns a fault if the API does not refuse a request because the receiver has not agreed. */
async function refusalFaults(what: string, call: Promise<unknown>): Promise<string[]> {
  const outcome = await call.then(
    () => 'is accepted',
    (error: Error) => error.message,
  );
  return /returned 409: .*receiver-refused.*not-agreed/.test(outcome)
    ? []
    : [`${what} for a receiver that does not agree: ${outcome}`];
}

/** Plays the life of an endpoint whose receiver agrees, answers 410, and agrees again. */
async function faultsOf(target: DemoAccess, receiver: Receiver): Promise<string[]> {
  receiver.consent = {};
  const faults = await refusalFaults('A creation', createEndpoint(target, receiver));
  receiver.consent = AGREES;
  const id = await createEndpoint(target, receiver);
  await createTicket(target);
  if (!(await until(() => isDisabled(target, id), WAIT_MS))) {
    faults.push('An endpoint that answers 410 is not disabled.');
  }
  receiver.consent = {};
  const post = (path: string, body?: object) =>
    target.request('POST', `${ENDPOINTS}/${id}/${path}`, body);
  faults.push(
    ...(await refusalFaults('An enabling', enableEndpoint(target, id, receiver))),
    ...(await refusalFaults('A test event', post('test-deliveries'))),
    ...(await refusalFaults('A replay', post('replays', { sequence: 1 }))),
    ...(await refusalFaults('An attempt', post('attempts'))),
  );
  await createTicket(target);
  await sleep(QUIET_MS);
  if (receiver.receipts.length !== 1) {
    faults.push(`A receiver that answered 410 got ${receiver.receipts.length} webhooks.`);
  }
  // The two creations and the enabling.
  if (String(receiver.questions) !== 'localhost,localhost,localhost') {
    faults.push(`A receiver was asked in the name of [${receiver.questions}].`);
  }
  receiver.consent = AGREES;
  receiver.behaviour = accept;
  await enableEndpoint(target, id, receiver);
  const expected = expectedBy(id, await readEvents(target));
  await until(() => missingFaults(receiver, expected).length === 0, WAIT_MS);
  await target.request('DELETE', `${ENDPOINTS}/${id}`);
  return [...faults, ...missingFaults(receiver, expected), ...orderFaults(receiver, [])];
}

/**
 * Checks that a receiver gets nothing unless it agrees, whatever a partner requests, and that after a 410 it gets
 * nothing until it agrees again.
 */
export function consentFaults(target: DemoAccess): Promise<string[]> {
  const receiver = new Receiver('reluctant', () => ({ status: 410 }));
  return withReceivers([receiver], () => faultsOf(target, receiver));
}
