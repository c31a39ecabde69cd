import type { z } from '@hono/zod-openapi';
import { dateTimeParameter, formatDateTime } from '../../http/fields/date-time.ts';
import { integerParameter } from '../../http/fields/integer.ts';
import { partOf } from '../../http/fields/object.ts';
import { requestMembers, responseMembers, ticketExample, ticketNumberRange } from './ticket.ts';

/** The filters of lists of tickets, whether these are prepared or picked up. */

interface FilterConfig<P extends z.ZodType, E extends z.ZodType> {
  readonly parameter: P;
  readonly description: string;
  readonly example: unknown;
  /** The schema of the value in the list's `query`. */
  readonly echo: E;
  /** How the echoed value is normalised, as part of a sentence: `, in upper case`. */
  readonly normalised?: string;
  /** Turns the value into the one that is echoed; by default it is echoed as it is. */
  readonly format?: (value: z.output<P>) => z.output<E>;
}

/** Returns a filter: its query parameter, and the member of the list's `query` that echoes it. */
export function filter<P extends z.ZodType, E extends z.ZodType>(config: FilterConfig<P, E>) {
  const { parameter, description, example, echo, normalised = '', format } = config;
  return {
    // Without this, the schema would keep the description of the member.
    parameter: parameter
      .optional()
      .openapi({ description: undefined, param: { description, example } }),
    echo: echo
      .optional()
      .openapi({ description: `The value of the filter as it was applied${normalised}.` }),
    format: (value: unknown): unknown => format?.(value as z.output<P>) ?? value,
  };
}

/**
 * Returns a filter by an exclusive bound of a time, in milliseconds since 1970, UTC.
 *
 * @param what what the time bounds, for the description: `tickets that have been picked up`.
 */
export function timeBound(side: 'after' | 'before', what: string) {
  return filter({
    // Times are whole milliseconds, so rounding a finer bound inwards keeps its meaning.
    parameter: dateTimeParameter(side === 'after' ? 'down' : 'up'),
    description: `Filter ${what} ${side} provided date-time (exclusive).`,
    example: '2019-08-24T14:15:22Z',
    echo: responseMembers.created_at,
    normalised: ', in UTC',
    format: formatDateTime,
  });
}

/**
 * Returns the filters that every list of tickets has.
 *
 * @param what the name of the tickets, in the plural, for the descriptions.
 */
export function filtersOf(what: string) {
  return {
    customer_id: filter({
      parameter: requestMembers.customer_id,
      description: `Filter ${what} by customer identifier.`,
      example: ticketExample.customer_id,
      echo: responseMembers.customer_id,
      normalised: ', in lower case',
    }),
    preparer_external_reference: filter({
      parameter: requestMembers.preparer_external_reference,
      description: `Filter ${what} by preparer's given external reference (exact).`,
      example: 'ERP_DYNAMICS_2442',
      echo: responseMembers.preparer_external_reference,
    }),
    ticket_number: filter({
      parameter: integerParameter(ticketNumberRange),
      description: 'Filter tickets by ticket number.',
      example: 7179072,
      echo: responseMembers.ticket_number,
    }),
  };
}

type Filters = Readonly<Record<string, ReturnType<typeof filter>>>;

/** The values of the filters of a table that a request gives. */
export type FilterValues<T extends Filters> = {
  readonly [N in keyof T]?: z.output<T[N]['parameter']>;
};

/** Returns the query parameters of a table of filters. */
export const parametersOf = <T extends Filters>(filters: T) => partOf(filters, 'parameter');

/** Returns the members of the list's `query` that echo a table of filters. */
export const echoesOf = <T extends Filters>(filters: T) => partOf(filters, 'echo');

/** Returns the given filters of a table as the list's `query` echoes them. */
export function echoOf<T extends Filters>(filters: T, given: FilterValues<T>) {
  const echoed = Object.entries(given).map(([name, value]) => [name, filters[name]?.format(value)]);
  return Object.fromEntries(echoed) as { [N in keyof T]?: z.output<T[N]['echo']> };
}
