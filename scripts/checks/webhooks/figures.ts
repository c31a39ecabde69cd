import { changeOf, type Load } from './load.ts';
import type { Receivers } from './receivers.ts';

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
export function figuresOf(
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
