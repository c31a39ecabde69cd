import { z } from '@hono/zod-openapi';
import { uuid, uuidSchema } from '../../../http/fields/text.ts';
import {
  echoesOf,
  echoOf as echoOfFilters,
  type FilterValues,
  filter,
  filtersOf,
  parametersOf,
  timeBound,
} from '../list-filters.ts';
import { type Period, periodBetween } from '../period.ts';
import { lineExample } from '../product-line.ts';
import { responseMembers, ticketExample, vinText } from '../ticket.ts';

const whatIsBounded = 'prepared tickets that have been created';

/**
 * The filters of the list of prepared tickets: the query schema, the echo and the types of values
 * follow from this table. The project does not compile until `filtersInSql` has the same filters.
 */
const filters = {
  ...filtersOf('prepared tickets'),
  created_after: timeBound('after', whatIsBounded),
  created_before: timeBound('before', whatIsBounded),
  product_id: filter({
    parameter: uuid('the product'),
    description:
      'Filter prepared tickets by product identifier. Return only prepared tickets with an associated product-line for the referenced product.',
    example: lineExample.product_id,
    echo: z.string().openapi(uuidSchema),
    normalised: ', in lower case',
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

export const filterParameters = parametersOf(filters);
export const filterEchoes = echoesOf(filters);

/**
 * The filters of one request. Bounds are milliseconds since 1970, UTC, both exclusive; `vin` null
 * selects tickets without a VIN.
 */
export type PreparedTicketFilters = FilterValues<typeof filters>;

/** Returns the filters as the list's `query` echoes them. */
export const echoOf = (given: PreparedTicketFilters) => echoOfFilters(filters, given);

/** The filters that bound the period. They only narrow the result of the others. */
export type PeriodBound = 'created_after' | 'created_before';

/** Returns the period that the filters leave. */
export const periodOf = ({ created_after, created_before }: PreparedTicketFilters): Period =>
  periodBetween(created_after, created_before);
