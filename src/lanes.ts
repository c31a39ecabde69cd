/**
 * Does work for each item, in their order and for a limited number of them at a time.
 *
 * @returns the outcome of each item, in their order.
 */
export async function settleInLanes<T, R>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<R>,
): Promise<PromiseSettledResult<R>[]> {
  const outcomes: PromiseSettledResult<R>[] = [];
  // All lanes take from the same iterator.
  const rest = items.entries();
  const lane = async () => {
    for (const [i, item] of rest) {
      const [outcome] = await Promise.allSettled([work(item)]);
      outcomes[i] = outcome;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return outcomes;
}
