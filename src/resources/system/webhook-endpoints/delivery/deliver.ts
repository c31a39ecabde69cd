import type { Config } from '../../../../config.ts';
import type { Dependencies } from '../../../../context.ts';
import type { Database } from '../../../../db/client.ts';
import type { Cost } from '../../../../db/cost.ts';
import type { EventRow } from '../../events/events.repository.ts';
import { asEvent } from '../../events/events.ts';
import { findDenial } from '../denied-hosts.repository.ts';
import { GONE } from '../gone.repository.ts';
import { typesOf } from '../webhook-endpoints.repository.ts';
import {
  type DueEndpoint,
  findDue,
  findEnabled,
  type NextState,
  passEvents,
  recordAttempt,
} from './delivery.repository.ts';
import { type AttemptResult, isDelivered, type Recipient, send } from './message.ts';

/** How long one run delivers, in milliseconds. What is left is for the next run. */
const RUN_MS = 20_000;
/**
 * The D1 queries that an attempt may take with all that surrounds it, each of them repeated after faults: the search for
 * events, the look at the deny list, the record, the search for the other endpoints, and the move past further events. No
 * attempt begins without them, so each can be recorded.
 */
const ATTEMPT_QUERIES = 40;
/** How long one D1 call may take, in milliseconds. */
export const DELIVERY_DB_TIMEOUT_MS = 30_000;

/** The greatest part of a delay that is added to it at random, so that endpoints do not fail in step. */
const JITTER = 0.1;
/** The longest wait that an endpoint can ask for with `Retry-After`, in milliseconds. */
export const MAX_RETRY_AFTER_MS = 86_400_000;

/**
 * Returns when an event is attempted again.
 *
 * @param failedAttempts how often it was attempted, including now.
 * @param delaysS the delays between the attempts, in seconds.
 * @param retryAfterMs what the response asked for, in milliseconds. It can only lengthen the delay, because
 * an event has ten attempts however short the waits are that its receiver asks for.
 * @returns milliseconds to wait, or undefined if all attempts have failed.
 */
export function delayAfter(
  failedAttempts: number,
  delaysS: readonly number[],
  retryAfterMs = 0,
): number | undefined {
  const delay = delaysS[failedAttempts - 1];
  return delay === undefined
    ? undefined
    : Math.max(
        delay * 1000 * (1 + JITTER * Math.random()),
        Math.min(retryAfterMs, MAX_RETRY_AFTER_MS),
      );
}

/** What a run of deliveries needs from the outside. */
export interface DeliveryContext {
  readonly config: Config;
  readonly dependencies: Pick<Dependencies, 'now' | 'fetch' | 'log'>;
  /** Opens a database connection with a new time limit. */
  readonly openDatabase: () => Database;
  /** What the connections of the run cost together. */
  readonly cost: Cost;
  /** Makes an endpoint look for events now. A wake that fails only delays. */
  readonly wakeEndpoint: (id: string) => Promise<unknown>;
}

/** Returns whether an endpoint receives an event: it has one of its types, and is not about the endpoint itself. */
function receives({ id, event_types }: DueEndpoint, { type, subject_id }: EventRow): boolean {
  const types = typesOf(event_types);
  return subject_id !== id && (types === null || types.includes(type));
}

/**
 * Returns where an endpoint stands after an attempt.
 *
 * @param passed the sequence of the last event before the attempted one that the endpoint is done with.
 */
function stateAfter(
  { webhookDelaysS }: Config,
  { sequence }: EventRow,
  passed: number,
  attempts: number,
  result: AttemptResult,
): NextState {
  if (isDelivered(result)) {
    return { position: sequence };
  }
  if (result.status === GONE) {
    return { position: passed, disabledReason: 'gone' };
  }
  const delay = delayAfter(attempts, webhookDelaysS, result.retryAfterMs);
  return delay === undefined
    ? { position: passed, disabledReason: 'exhausted' }
    : {
        position: passed,
        nextAttemptAt: Math.ceil(result.attemptedAt + result.durationMs + delay),
      };
}

/**
 * Returns how often an event was attempted, including now. Refusals to receive events are counted together: they are
 * about the URL, so leaving an event out must not begin the schedule anew.
 */
function attemptsOf(
  { attempted_sequence, failed_attempts }: DueEndpoint,
  { sequence }: EventRow,
  { error }: AttemptResult,
): number {
  return attempted_sequence === sequence || error === 'consent' ? failed_attempts + 1 : 1;
}

/**
 * Delivers the next events of an endpoint in their order, one after the other, until one fails, none is
 * left, or the time or the D1 queries of the run are used up. Each attempt is recorded before the next one begins, so that a crash
 * repeats one attempt at most. The record also says whether the next one may begin, so an endpoint receives nothing
 * more once it is deleted or disabled, or its partner is.
 *
 * @returns when the endpoint is to be looked at again, milliseconds since 1970; null if only a new event or a
 * change of the endpoint can bring something to do; `deleted` if nothing can, because the endpoint does not exist.
 * @throws DatabaseUnavailable or DatabaseFault if D1 fails.
 */
export async function deliverDue(
  context: DeliveryContext,
  id: string,
): Promise<number | null | 'deleted'> {
  const { now } = context.dependencies;
  const endsAt = now() + RUN_MS;
  const mayAttempt = () => now() < endsAt && context.cost.allows(ATTEMPT_QUERIES);
  while (mayAttempt()) {
    const due = await findDue(context.openDatabase(), id, now());
    if (typeof due === 'string') {
      return due === 'deleted' ? due : null;
    }
    const nextAttemptAt = due.endpoint.next_attempt_at ?? 0;
    if (nextAttemptAt > now()) {
      return nextAttemptAt;
    }
    if (due.events.length === 0) {
      return null;
    }
    const failedUntil = await deliverEvents(context, due.endpoint, due.events, mayAttempt);
    if (failedUntil !== undefined) {
      return failedUntil;
    }
  }
  return now();
}

/**
 * Delivers events to an endpoint.
 *
 * @param mayAttempt returns whether the run may begin a further attempt.
 * @returns when the one that failed is attempted again; undefined if none failed, or if the endpoint was changed
 * or disabled meanwhile.
 */
async function deliverEvents(
  context: DeliveryContext,
  due: DueEndpoint,
  events: readonly EventRow[],
  mayAttempt: () => boolean,
): Promise<number | undefined> {
  const { config, openDatabase } = context;
  let endpoint = due;
  let passed = due.position;
  let isDenied: boolean | undefined;
  for (const event of events) {
    if (!receives(endpoint, event)) {
      passed = event.sequence;
      continue;
    }
    if (!mayAttempt()) {
      break;
    }
    isDenied ??= await findDenial(openDatabase(), endpoint.url);
    const result = await send(context, endpoint, asEvent(event), isDenied);
    const attempts = attemptsOf(endpoint, event, result);
    const next = stateAfter(config, event, passed, attempts, result);
    const attempted = { ...event, attempt: attempts };
    const standing = await recordAttempt(openDatabase(), endpoint, attempted, result, next);
    logAttempt(context, endpoint, event, attempts, result);
    if ('disabledReason' in next) {
      await wakeOthers(context, endpoint).catch(() => undefined);
    }
    // This also holds for an endpoint that is disabled now.
    if (standing === undefined || 'disabledReason' in next) {
      return undefined;
    }
    if ('nextAttemptAt' in next) {
      return next.nextAttemptAt;
    }
    passed = next.position;
    const { consented_url, is_denied } = standing;
    isDenied = is_denied === 1;
    endpoint = { ...endpoint, consented_url, position: passed, failed_attempts: 0 };
  }
  if (passed > endpoint.position) {
    await passEvents(openDatabase(), endpoint, passed);
  }
  return undefined;
}

/** Wakes the other endpoints of the partner, because they receive the event that one was disabled. */
export async function wakeOthers(
  { openDatabase, wakeEndpoint }: Pick<DeliveryContext, 'openDatabase' | 'wakeEndpoint'>,
  { id, partner_id }: Recipient,
): Promise<void> {
  const ids = await findEnabled(openDatabase(), partner_id);
  await Promise.all(ids.map((other) => other !== id && wakeEndpoint(other)));
}

/** Logs one line for an attempt. Neither the URL nor the content of the event is logged. */
function logAttempt(
  { dependencies }: DeliveryContext,
  { id, partner_id }: DueEndpoint,
  { created_at, type }: EventRow,
  attempts: number,
  { status, error, attemptedAt, durationMs }: AttemptResult,
): void {
  dependencies.log?.({
    event: 'webhook',
    ...{ partner: partner_id, endpoint: id, type, attempt: attempts, status, error },
    duration: durationMs,
    lag: attemptedAt - created_at,
  });
}
