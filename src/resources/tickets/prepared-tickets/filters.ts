/** What a list is filtered by. Bounds in milliseconds, both exclusive; `vin` null means tickets without one. */
export interface PreparedTicketFilters {
  readonly created_after?: number;
  readonly created_before?: number;
  readonly customer_id?: string;
  readonly preparer_external_reference?: string;
  readonly product_id?: string;
  readonly ticket_number?: number;
  readonly vin?: string | null;
}

/** When tickets were created: `from` (inclusive) to `to` (exclusive), milliseconds since 1970, UTC. */
export interface Period {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** The period that the two exclusive bounds leave; times are whole milliseconds. */
export function periodOf({ created_after, created_before }: PreparedTicketFilters): Period {
  return {
    from: created_after === undefined ? undefined : created_after + 1,
    to: created_before,
  };
}

export function isEmpty({ from, to }: Period): boolean {
  return from !== undefined && to !== undefined && from >= to;
}
