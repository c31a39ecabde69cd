import { z } from '@hono/zod-openapi';
import { dateTimeParameter, formatDateTime } from '../../../http/fields/date-time.ts';
import { integerParameter } from '../../../http/fields/integer.ts';
import { partOf } from '../../../http/fields/object.ts';
import { uuid, uuidSchema } from '../../../http/fields/text.ts';
import {
  requestMembers,
  responseMembers,
  ticketExample,
  ticketNumberRange,
  vinText,
} from './ticket-members.ts';

/** The product on the ticket of the examples. */
export const productExample = 'c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3';

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

/** One filter: its query parameter, and the member of the list's `query` that echoes it. */
function filter<P extends z.ZodType, E extends z.ZodType>(config: FilterConfig<P, E>) {
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

/** Returns a filter by an exclusive bound of the creation time, in milliseconds since 1970, UTC. */
function bound(side: 'after' | 'before') {
  return filter({
    // Creation times are whole milliseconds, so rounding a finer bound inwards keeps its meaning.
    parameter: dateTimeParameter(side === 'after' ? 'down' : 'up'),
    description: `Filter prepared tickets that have been created ${side} provided date-time (exclusive).`,
    example: '2019-08-24T14:15:22Z',
    echo: responseMembers.created_at,
    normalised: ', in UTC',
    format: formatDateTime,
  });
}

/**
 * The filters of the list of prepared tickets: the query schema, the echo and the types of values
 * follow from this table. The project does not compile until `filtersInSql` has the same filters.
 */
const filters = {
  created_after: bound('after'),
  created_before: bound('before'),
  customer_id: filter({
    parameter: requestMembers.customer_id,
    description: 'Filter prepared tickets by customer identifier.',
    example: ticketExample.customer_id,
    echo: responseMembers.customer_id,
    normalised: ', in lower case',
  }),
  preparer_external_reference: filter({
    parameter: requestMembers.preparer_external_reference,
    description: "Filter prepared tickets by preparer's given external reference (exact).",
    example: 'ERP_DYNAMICS_2442',
    echo: responseMembers.preparer_external_reference,
  }),
  product_id: filter({
    parameter: uuid('the product'),
    description:
      'Filter prepared tickets by product identifier. Return only prepared tickets with an associated product-line for the referenced product.',
    example: productExample,
    echo: z.string().openapi(uuidSchema),
    normalised: ', in lower case',
  }),
  ticket_number: filter({
    parameter: integerParameter(ticketNumberRange),
    description: 'Filter tickets by ticket number.',
    example: 7179072,
    echo: responseMembers.ticket_number,
  }),
  vin: filter({
    parameter: vinText('an empty value for tickets without a VIN', true)
      .transform((value) => (value === '' ? null : value.toUpperCase()))
      .openapi({
        type: 'string',
        minLength: 0,
        pattern: '^(?:[A-Za-z0-9]{17})?$',
        param: { allowEmptyValue: true },
      }),
    description:
      'Filter prepared tickets by Vehicle Identification Number (VIN), in any case. Providing no value will return tickets without a VIN.',
    example: ticketExample.vin,
    echo: responseMembers.vin,
    normalised: ', in upper case; `null` for tickets without a VIN',
  }),
};

export type FilterName = keyof typeof filters;

export const filterParameters = partOf(filters, 'parameter');
export const filterEchoes = partOf(filters, 'echo');

/**
 * The filters of one request. Bounds are milliseconds since 1970, UTC, both exclusive; `vin` null
 * selects tickets without one.
 */
export type PreparedTicketFilters = {
  readonly [N in FilterName]?: z.output<(typeof filterParameters)[N]>;
};

/** Returns the filters as the list's `query` echoes them. */
export function echoOf(given: PreparedTicketFilters) {
  const echoed = Object.entries(given).map(([name, value]) => [
    name,
    filters[name as FilterName].format(value),
  ]);
  return Object.fromEntries(echoed) as {
    [N in FilterName]?: z.output<(typeof filterEchoes)[N]>;
  };
}

/** When tickets were created: `from` (inclusive) to `to` (exclusive), milliseconds since 1970, UTC. */
export interface Period {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** The filters that bound the period; they only narrow what the others find. */
export type PeriodBound = 'created_after' | 'created_before';

/** Returns the period that the two exclusive bounds leave; times are whole milliseconds. */
export function periodOf({
  created_after,
  created_before,
}: Pick<PreparedTicketFilters, PeriodBound>): Period {
  return {
    from: created_after === undefined ? undefined : created_after + 1,
    to: created_before,
  };
}

/** Returns whether no ticket can lie in the period. */
export function isEmpty({ from, to }: Period): boolean {
  return from !== undefined && to !== undefined && from >= to;
}
