import { expect } from 'vitest';
import type { Event } from '../events.ts';
import type { Lane, Sent } from './lane.ts';
import { Orders } from './model.ts';
import type { Outcome } from './order.ts';

/** Whether an answer says that its write has changed something. */
function saysChanged({ write, answer }: Sent): boolean {
  const { status, body } = answer;
  if (write.kind === 'sync' && status === 200) {
    const { result } = body as { result: readonly { readonly changed?: boolean }[] };
    return result.some(({ changed }) => changed === true);
  }
  // A repetition inside the Worker cannot tell its own pick-up from another one in the same millisecond.
  return (status === 201 || status === 204) && write.kind !== 'pick up';
}

/** Returns a JSON value whose objects have their members in alphabetical order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, member]) => [name, sorted(member)]),
      )
    : value;
}

const isEqual = (a: unknown, b: unknown) => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

/** Whether an answer is the one that the model expects. */
function fits({ write, answer }: Sent, { status, body, tag }: Outcome): boolean {
  const isPickUp = write.kind === 'pick up' && answer.status < 300 && status < 300;
  return (
    (answer.status === status || isPickUp) &&
    (body === undefined || isEqual(answer.body, body)) &&
    (tag === undefined || answer.tag === tag)
  );
}

/** Returns of an event what the model knows. */
const shown = ({ type, subject: { version, ...subject } }: Event) => ({
  type,
  subject: { ...subject, ...(subject.type === 'prepared_ticket' && { version }) },
});

/** Returns the events of an outcome in the form of `shown`. */
const eventsOf = ({ changes }: Outcome) =>
  changes.map(({ type, order: { id, version, ticket }, product }) => {
    const { ticket_number, preparer_external_reference } = ticket;
    const common = { ticket_number, preparer_external_reference };
    const subject =
      product === undefined
        ? { type: 'prepared_ticket', id, version, ...common }
        : { type: 'product_line', id: product, prepared_ticket_id: id, ...common };
    return { type, subject };
  });

/** A write whose change is not in the events so far, and whether its answer fits a state that there was since. */
interface Open {
  readonly sent: Sent;
  isExplained: boolean;
}

/**
 * Replays the feed in the model of the contract. Each write has a client of its own, so its actor tells which write made
 * a change. The answers and the events must be those that the model expects where the change stands in the feed. A write
 * that changed nothing has its place between two changes of its program, where the model must expect its answer.
 */
export class Replay {
  readonly orders = new Orders();
  readonly #programs: readonly Open[][];
  readonly #isAlone: boolean;
  readonly #onlyOnce: readonly string[];

  /** @param onlyOnce the references that at most one prepared ticket may have at any time. */
  constructor(lanes: readonly Lane[], onlyOnce: readonly string[]) {
    this.#programs = lanes.map(({ sent }) =>
      sent.map((one) => ({ sent: one, isExplained: false })),
    );
    this.#isAlone = lanes.length === 1;
    this.#onlyOnce = onlyOnce;
    this.#explain();
  }

  /** Replays all events, and expects that no write is left that must have made a further one. */
  run(events: readonly Event[]): void {
    for (let i = 0; i < events.length; ) {
      i += this.#take(events.slice(i));
      this.#explain();
    }
    this.#programs.flat().map((one) => this.#expectNoChange(one));
  }

  /** Makes the change that the first of the events belongs to. @returns how many events it has. */
  #take(events: readonly Event[]): number {
    const clientId = events[0]?.actor?.client_id;
    const isIts = ({ sent }: Open) => sent.clientId === clientId;
    const program = this.#programs.find((open) => open.some(isIts)) ?? [];
    const passed = program.splice(0, program.findIndex(isIts) + 1);
    const sent = passed.pop()?.sent;
    if (sent === undefined) {
      throw new Error(`A write has a second change: ${JSON.stringify(events[0])}`);
    }
    passed.map((one) => this.#expectNoChange(one));
    const ids = events.map(({ subject }) => subject.id);
    const outcome = this.orders.outcomeOf(sent.write, ids);
    const what = JSON.stringify(sent);
    expect(outcome.changes.length, `the changes of ${what}`).toBeGreaterThan(0);
    const own = events.slice(0, outcome.changes.length);
    expect(own.map(shown), what).toEqual(eventsOf(outcome));
    expect(new Set(own.map(({ actor }) => actor?.client_id)), what).toEqual(new Set([clientId]));
    const { status, tag } = sent.answer;
    if (status !== 503) {
      expect(fits(sent, outcome), `${what}, but expected ${JSON.stringify(outcome)}`).toBe(true);
    }
    if (status !== 503 && sent.write.kind === 'put line') {
      const { ticket_number, version } = own[0]?.subject ?? {};
      expect(`"${ticket_number}-${version}"`, 'the ETag of the line').toBe(tag);
    }
    for (const change of outcome.changes) {
      this.orders.apply(change);
    }
    for (const reference of this.#onlyOnce) {
      expect(this.orders.having(reference).length, reference).toBeLessThanOrEqual(1);
    }
    return own.length;
  }

  /** Notes which of the answers to writes that changed nothing the present state explains. */
  #explain(): void {
    for (const open of this.#programs) {
      const next = open.findIndex(({ sent }) => saysChanged(sent));
      for (const one of open.slice(0, next === -1 ? undefined : next)) {
        const outcome = this.orders.outcomeOf(one.sent.write, []);
        one.isExplained ||= outcome.changes.length === 0 && fits(one.sent, outcome);
      }
    }
  }

  #expectNoChange({ sent, isExplained }: Open): void {
    const what = JSON.stringify(sent);
    expect(saysChanged(sent), `no event for ${what}`).toBe(false);
    if (sent.answer.status !== 503) {
      expect(isExplained, `no state explains ${what}`).toBe(true);
    } else if (this.#isAlone) {
      // What a repetition refuses is uncertain, and nothing else is.
      expect(this.orders.outcomeOf(sent.write, []).status, what).toBeGreaterThanOrEqual(400);
    }
  }
}
