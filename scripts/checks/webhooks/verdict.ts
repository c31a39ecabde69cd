import { ATTEMPT_TIMEOUT_MS } from '../../../src/resources/system/webhook-endpoints/delivery/receiver.ts';
import type { Interruption, Receipt, Receiver } from './receiver.ts';

/** A rotation with overlap. Times are milliseconds since 1970. */
export interface Rotation {
  /** When the request was sent and when its response arrived. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** When the last overlap that the server can mean ends. */
  readonly overlapEndsAt: number;
}

/** How long after the overlap a message that was read before its end may still be signed with both secrets. */
const OVERLAP_SLACK_MS = 3000;

/** The longest time between the end of an attempt and the next one: a delay of one second, on a busy machine. */
const MAX_PAUSE_MS = 5000;

const isAccepted = ({ status = 0 }: Receipt) => status >= 200 && status < 300;

/**
 * Returns the faults of the order in which events arrived. An event may come again only directly, and only if
 * the answer to it was lost: the receiver did not accept it or was killed, or the runtime was.
 *
 * @param crashes when the runtime was killed.
 */
export function orderFaults(
  { name, receipts, kills }: Pick<Receiver, 'name' | 'receipts' | 'kills'>,
  crashes: readonly Interruption[],
): string[] {
  return receipts.slice(1).flatMap((later, i) => {
    const earlier = receipts[i] as Receipt;
    const isBetween = ({ from, to }: Interruption) => earlier.at <= to && from <= later.at;
    const isKilled = kills.some(isBetween);
    const what = `${name}: event ${later.sequence} came after event ${earlier.sequence}`;
    if (later.sequence < earlier.sequence) {
      return [`${what}.`];
    }
    if (later.sequence > earlier.sequence) {
      return isAccepted(earlier) || isKilled ? [] : [`${what}, which was not accepted.`];
    }
    const isLost = !isAccepted(earlier) || isKilled || crashes.some(isBetween);
    return isLost ? [] : [`${what}, although it was accepted.`];
  });
}

/** Returns the faults of messages that are no webhooks, or that no secret verifies. */
export function signatureFaults({ name, receipts, strays }: Receiver): string[] {
  const unverified = receipts.filter(({ verifiedBy }) => verifiedBy.length === 0);
  return [
    ...strays.map((stray) => `${name} received ${stray}`),
    ...unverified.map(({ sequence }) => `${name}: no secret verifies event ${sequence}.`),
  ];
}

/** Returns the faults of signatures before, during and after a rotation with overlap. */
export function rotationFaults({ name, receipts }: Receiver, rotation: Rotation): string[] {
  const { startedAt, endedAt, overlapEndsAt } = rotation;
  const isRight = ({ signedAt, verifiedBy }: Receipt) => {
    const [hasOld, hasNew] = [verifiedBy.includes(0), verifiedBy.includes(1)];
    // The time of the signature is exact to a second.
    if (signedAt + 1000 <= startedAt) {
      return hasOld && !hasNew;
    }
    if (signedAt >= overlapEndsAt + OVERLAP_SLACK_MS) {
      return hasNew && !hasOld;
    }
    if (signedAt >= endedAt && signedAt + 1000 <= overlapEndsAt - (endedAt - startedAt)) {
      return hasOld && hasNew;
    }
    return hasOld || hasNew;
  };
  const wrong = receipts.filter((receipt) => !isRight(receipt));
  return wrong.map(
    ({ sequence, verifiedBy, signedAt }) =>
      `${name}: event ${sequence} is signed with the secrets [${verifiedBy}] ${signedAt - endedAt} ms after the rotation.`,
  );
}

/** Returns a fault if the other side still reads answers whose body never ends. */
export function floodFaults({ name, endlessAnswers }: Receiver): string[] {
  return endlessAnswers === 0 ? [] : [`${name}: ${endlessAnswers} endless answers are being read.`];
}

/** Returns a fault if events are missing that an endpoint must have received. */
export function missingFaults(
  { name, receipts }: Receiver,
  sequences: readonly number[],
): string[] {
  const received = new Set(receipts.map(({ sequence }) => sequence));
  const missing = sequences.filter((sequence) => !received.has(sequence));
  return missing.length === 0
    ? []
    : [
        `${name}: ${missing.length} of ${sequences.length} events did not arrive, the first is ${missing[0]}.`,
      ];
}

/** Returns the faults of attempts that came earlier than a 429 with `Retry-After` asked for. */
export function retryAfterFaults({ name, receipts }: Receiver, retryAfterS: number): string[] {
  return receipts.slice(1).flatMap((later, i) => {
    const earlier = receipts[i] as Receipt;
    const waited = later.at - earlier.at;
    return earlier.status === 429 && waited < retryAfterS * 1000
      ? [
          `${name}: event ${later.sequence} came ${waited} ms after a 429 with Retry-After ${retryAfterS}.`,
        ]
      : [];
  });
}

/** Returns a fault if the first attempt to reach a receiver that never answers did not end after its time. */
export function timeoutFaults({ name, receipts }: Receiver): string[] {
  const [first, second] = receipts;
  const waited = first && second ? second.at - first.at : 0;
  return waited >= ATTEMPT_TIMEOUT_MS && waited <= ATTEMPT_TIMEOUT_MS + MAX_PAUSE_MS
    ? []
    : [`${name}: the second attempt came ${waited} ms after the first one.`];
}
