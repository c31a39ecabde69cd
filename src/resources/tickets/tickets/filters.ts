import {
  echoesOf,
  echoOf as echoOfFilters,
  type FilterValues,
  filtersOf,
  parametersOf,
  timeBound,
} from '../list-filters.ts';
import { type Period, periodBetween } from '../period.ts';

const whatIsBounded = 'tickets that have been picked up';

/** The filters of the list of tickets; the project does not compile until `filtersInSql` has the same. */
const filters = {
  ...filtersOf('tickets'),
  picked_up_after: timeBound('after', whatIsBounded),
  picked_up_before: timeBound('before', whatIsBounded),
};

export type FilterName = keyof typeof filters;

export const filterParameters = parametersOf(filters);
export const filterEchoes = echoesOf(filters);

/** The filters of one request. Bounds are milliseconds since 1970, UTC, both exclusive. */
export type TicketFilters = FilterValues<typeof filters>;

/** Returns the filters as the list's `query` echoes them. */
export const echoOf = (given: TicketFilters) => echoOfFilters(filters, given);

/** The filters that bound the period. They only narrow the result of the others. */
export type PeriodBound = 'picked_up_after' | 'picked_up_before';

/** Returns the period that the filters leave. */
export const periodOf = ({ picked_up_after, picked_up_before }: TicketFilters): Period =>
  periodBetween(picked_up_after, picked_up_before);
