import { type Answer, Receiver } from './receiver.ts';

const DELIVERED = { status: 204 };

/** The wait that the busy receiver asks for, in seconds. */
export const RETRY_AFTER_S = 2;
/** The busy receiver refuses each event whose sequence this number divides, once. */
const REFUSES_EVERY = 40;

/** Accepts every event at once. */
export const accept = (): Answer => DELIVERED;

/** Never answers. */
const hang = (): Answer => ({ afterMs: Number.POSITIVE_INFINITY });

/** Refuses every event. */
export const refuse = (): Answer => ({ status: 500 });

/** Fails at random in one of several ways, is slow, or sends a body that never ends. */
function failAtRandom({ name }: Receiver): Answer {
  const failures: readonly Answer[] = [
    { status: 500 },
    {},
    { status: 302, headers: { location: `/${name}/elsewhere` } },
    { ...DELIVERED, afterMs: 1500 },
    { status: 200, isEndless: true },
  ];
  return Math.random() < 0.06
    ? (failures[Math.floor(Math.random() * failures.length)] as Answer)
    : DELIVERED;
}

/** Asks for a pause now and then. */
function askForPauses({ receipts }: Receiver): Answer {
  const { sequence = 0 } = receipts.at(-1) ?? {};
  const isFirst = receipts.at(-2)?.sequence !== sequence;
  return sequence % REFUSES_EVERY === 0 && isFirst
    ? { status: 429, headers: { 'retry-after': String(RETRY_AFTER_S) } }
    : DELIVERED;
}

/** The receivers of the check, by their names. */
export type Receivers = Readonly<
  Record<'healthy' | 'flaky' | 'hanging' | 'busy' | 'killed', Receiver>
>;

/** Returns the receivers of the check, which are not started yet. */
export const newReceivers = (): Receivers => ({
  healthy: new Receiver('healthy', accept),
  flaky: new Receiver('flaky', failAtRandom),
  hanging: new Receiver('hanging', hang),
  busy: new Receiver('busy', askForPauses),
  killed: new Receiver('killed', accept),
});
