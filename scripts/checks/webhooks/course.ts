import { setTimeout as sleep } from 'node:timers/promises';
import { type DemoAccess, demoAccess } from '../../dev/demo-access.ts';
import type { RunningServer } from '../../dev/local-server.ts';
import { until } from '../../process/until.ts';
import { rotateSecret, wakeLagging } from './endpoints.ts';
import { createBatch, Load } from './load.ts';
import type { Interruption } from './receiver.ts';
import { accept, type Receivers } from './receivers.ts';
import type { Rotation } from './verdict.ts';

const OVERLAP_S = 8;
/** The time from the creation of the endpoints until the runtime is killed. The first attempt that hangs ends before. */
const UNTIL_CRASH_MS = 17_000;
/** The number of tickets of the batch whose events are being delivered when the runtime is killed. */
const LAST_BATCH = 100;
/** The time of the load after the restart. */
const AFTER_RESTART_MS = 6_000;
/** The time for which a receiver is down. */
const DOWN_MS = 5_000;

/** What happened under load. */
export interface Course {
  readonly load: Load;
  readonly rotation: Rotation;
  /** When the runtime was killed. */
  readonly crash: Interruption;
  /** When the hanging receiver began to answer, milliseconds since 1970. */
  readonly releasedAt: number;
  readonly server: RunningServer;
  readonly target: DemoAccess;
}

/** Kills a receiver and starts it again after a while. */
async function interrupt(receiver: Receivers[keyof Receivers]): Promise<void> {
  await receiver.kill();
  await sleep(DOWN_MS);
  await receiver.start();
}

/**
 * Writes for a while, with a rotation, a receiver that is killed, and a crash of the runtime. At the end, the
 * hanging receiver begins to answer.
 *
 * @param start starts the server again after the crash.
 * @param first the server that is killed.
 * @param ids the ids of the endpoints by their receivers.
 */
export async function runLoad(
  start: () => Promise<RunningServer>,
  first: RunningServer,
  receivers: Receivers,
  ids: Readonly<Record<keyof Receivers, string>>,
): Promise<Course> {
  const before = await demoAccess(first);
  const load = new Load(before);
  const begun = Date.now();
  await sleep(3000);
  const rotation = await rotateSecret(before, ids.healthy, receivers.healthy, OVERLAP_S);
  await interrupt(receivers.killed);
  await sleep(begun + UNTIL_CRASH_MS - Date.now());
  load.pause();
  const received = receivers.healthy.receipts.length;
  await createBatch(before, LAST_BATCH);
  await until(() => receivers.healthy.receipts.length > received + LAST_BATCH / 10, 2000, 5);
  const from = Date.now();
  await first.crash();
  const crash = { from, to: Date.now() };
  const server = await start();
  const target = await demoAccess(server);
  await wakeLagging(target);
  load.resume(target);
  await sleep(AFTER_RESTART_MS);
  await load.stop();
  const releasedAt = Date.now();
  receivers.hanging.behaviour = accept;
  receivers.hanging.release();
  return { load, rotation, crash, releasedAt, server, target };
}
