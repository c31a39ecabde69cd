/** A span of the time of a book: `from` (inclusive) to `to` (exclusive), in milliseconds since 1970, UTC. */
export interface Period {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** Returns the period between two exclusive bounds; times are whole milliseconds. */
export function periodBetween(after: number | undefined, before: number | undefined): Period {
  return { from: after === undefined ? undefined : after + 1, to: before };
}

/** Returns whether no ticket can lie in the period. */
export function isEmpty({ from, to }: Period): boolean {
  return from !== undefined && to !== undefined && from >= to;
}
