import { type DemoAccess, demoAccess } from '../dev/demo-access.ts';
import { type RunningServer, withKillableServers } from '../dev/local-server.ts';
import { until } from '../process/until.ts';
import { consentFaults } from './webhooks/consent.ts';
import { runLoad } from './webhooks/course.ts';
import {
  createEndpoint,
  enableEndpoint,
  expectedBy,
  isDisabled,
  readEvents,
  wakeLagging,
} from './webhooks/endpoints.ts';
import { changeOf, createTicket, type Load } from './webhooks/load.ts';
import { withReceivers } from './webhooks/receiver.ts';
import {
  accept,
  newReceivers,
  RETRY_AFTER_S,
  type Receivers,
  refuse,
} from './webhooks/receivers.ts';
import {
  floodFaults,
  missingFaults,
  orderFaults,
  retryAfterFaults,
  rotationFaults,
  signatureFaults,
  timeoutFaults,
} from './webhooks/verdict.ts';

/** Two delays, so three attempts. */
const FEW_DELAYS = { WEBHOOK_DELAYS: '0,0' };
const ATTEMPTS = 3;
const WAIT_MS = 10_000;

/** Checks what happens when all attempts of an event fail. */
async function exhaustionFaults(target: DemoAccess, { killed, healthy }: Receivers, id: string) {
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
async function exhaust(
  start: (settings: Readonly<Record<string, string>>) => Promise<RunningServer>,
  receivers: Receivers,
  ids: Readonly<Record<keyof Receivers, string>>,
): Promise<string[]> {
  receivers.flaky.behaviour = accept;
  const server = await start(FEW_DELAYS);
  const faults = await exhaustionFaults(await demoAccess(server), receivers, ids.killed);
  await server.crash();
  return faults;
}

/** The figures of a run. */
interface Figures {
  /** The median time from the response of a write to the arrival of its event at the healthy receiver. */
  readonly medianMs: number;
  /** The figures as text. */
  readonly lines: string[];
}

const quantile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

/**
 * Returns the figures of a run.
 *
 * @param releasedAt when the hanging receiver began to answer, milliseconds since 1970.
 * @param caughtUpAt when every receiver had every event, milliseconds since 1970.
 */
function figuresOf(
  receivers: Receivers,
  { answeredAt }: Load,
  releasedAt: number,
  caughtUpAt: number,
): Figures {
  const delays = receivers.healthy.receipts
    .filter(({ at }) => at < releasedAt)
    .flatMap(({ subject, at }) => {
      const answered = answeredAt.get(changeOf(subject));
      return answered === undefined ? [] : at - answered;
    })
    .sort((a, b) => a - b);
  const medianMs = quantile(delays, 0.5);
  const counts = Object.values(receivers).map(({ name, receipts }) => {
    const events = new Set(receipts.map(({ id }) => id)).size;
    return `${name} ${receipts.length} attempts of ${events} events`;
  });
  return {
    medianMs,
    lines: [
      counts.join(', '),
      `delay at the healthy endpoint: median ${medianMs} ms, 95 % ${quantile(delays, 0.95)} ms, greatest ${delays.at(-1)} ms`,
      `all endpoints had caught up ${((caughtUpAt - releasedAt) / 1000).toFixed(1)} s after the load`,
    ],
  };
}

/** The longest time that the whole check may take. */
const CHECK_TIMEOUT_MS = 120_000;
/** The delays between the attempts in seconds. There are so many that no endpoint is disabled. */
const DELAYS = { WEBHOOK_DELAYS: Array(100).fill(1).join() };
/** The time that the endpoints have to catch up after the load, in milliseconds. */
const CATCH_UP_MS = 30_000;
/** The number of events below which the load was too low to prove anything. */
const MIN_EVENTS = 200;
const MAX_MEDIAN_MS = 1_000;

/** Waits until every receiver has the last event that it must receive. */
async function catchUp(
  receivers: Receivers,
  ids: Readonly<Record<keyof Receivers, string>>,
  target: DemoAccess,
): Promise<Record<keyof Receivers, number[]>> {
  const events = await readEvents(target);
  const names = Object.keys(receivers) as (keyof Receivers)[];
  const expected = Object.fromEntries(
    names.map((name) => [name, expectedBy(ids[name], events)]),
  ) as Record<keyof Receivers, number[]>;
  const lags = () =>
    names.some(
      (name) => (receivers[name].receipts.at(-1)?.sequence ?? 0) < (expected[name].at(-1) ?? 0),
    );
  await until(() => !lags(), CATCH_UP_MS);
  return expected;
}

/** Runs the check. */
async function check(
  start: (settings: Readonly<Record<string, string>>) => Promise<RunningServer>,
  receivers: Receivers,
): Promise<string[]> {
  const started = Date.now();
  const first = await start(DELAYS);
  const target = await demoAccess(first);
  const consent = await consentFaults(target);
  const ids = {} as Record<keyof Receivers, string>;
  for (const name of Object.keys(receivers) as (keyof Receivers)[]) {
    ids[name] = await createEndpoint(target, receivers[name]);
  }
  const course = await runLoad(() => start(DELAYS), first, receivers, ids);
  const { load, rotation, crash, releasedAt } = course;
  const expected = await catchUp(receivers, ids, course.target);
  const caughtUpAt = Date.now();
  const { medianMs, lines } = figuresOf(receivers, load, releasedAt, caughtUpAt);
  console.log(lines.join('\n'));
  const faults = [
    ...consent,
    ...load.faults,
    ...Object.values(receivers).flatMap((receiver) => [
      ...missingFaults(receiver, expected[receiver.name as keyof Receivers]),
      ...orderFaults(receiver, [crash]),
      ...signatureFaults(receiver),
    ]),
    ...rotationFaults(receivers.healthy, rotation),
    ...retryAfterFaults(receivers.busy, RETRY_AFTER_S),
    ...timeoutFaults(receivers.hanging),
    ...floodFaults(receivers.flaky),
  ];
  if (expected.healthy.length < MIN_EVENTS) {
    faults.push(`There were only ${expected.healthy.length} events.`);
  }
  if (!(medianMs <= MAX_MEDIAN_MS)) {
    faults.push(`The median delay beside a hanging endpoint is ${medianMs} ms.`);
  }
  await course.server.crash();
  faults.push(...(await exhaust(start, receivers, ids)));
  console.log(`${((Date.now() - started) / 1000).toFixed(1)} s`);
  return faults;
}

/**
 * Checks the delivery of webhooks under load. One receiver is healthy, one fails at random, one hangs, one asks
 * for pauses, and one is killed and started again. Before, one does not agree to receive webhooks, and gets none. The secret of one is rotated, and the runtime is killed
 * with `kill -9` and started again. Each event must arrive at each endpoint in the order of `sequence`, and may
 * come again only where an answer was lost. Finally one endpoint is disabled because all attempts failed, and
 * enabled again.
 */
export function checkWebhooks(): Promise<string[]> {
  const receivers = newReceivers();
  return withReceivers(Object.values(receivers), () =>
    withKillableServers(CHECK_TIMEOUT_MS, (start) => check(start, receivers)),
  );
}
