import { z } from '@hono/zod-openapi';
import { integerParameter, integerSchema } from '../../../http/fields/integer.ts';
import { pick, queryOf } from '../../../http/fields/object.ts';
import { cursorParameter } from '../../../http/requests/cursor.ts';
import { filterParameters } from '../prepared-tickets/filters.ts';
import {
  lineExample,
  productLine,
} from '../prepared-tickets/product-lines/product-lines.schemas.ts';
import { responseMembers, ticketExample } from '../prepared-tickets/ticket-members.ts';

const limitRange = { minimum: 1, maximum: 10_000 };

/** What to send as the cursor. */
export const expectedCursor =
  'Send the cursor unchanged and with the same filters, as the Link header of the page before has it.';

/** The filters of the list, and what cuts the export into pages. */
export const preparedTicketExportQuery = queryOf({
  ...filterParameters,
  limit: integerParameter(limitRange)
    .default(limitRange.maximum)
    .openapi({
      param: { description: 'Limits the number of prepared tickets in the response.' },
      type: 'integer',
      ...integerSchema(limitRange),
      default: limitRange.maximum,
    }),
  after: cursorParameter(expectedCursor)
    .optional()
    .openapi({
      param: {
        description:
          'The cursor from the `Link` header of the previous page. It is valid only with the same filters.',
      },
    }),
});

/** A line of the export in NDJSON. */
export const exportedTicket = z
  .object({
    ...responseMembers,
    product_lines: z.array(productLine.pick({ product_id: true, quantity: true })).openapi({
      description: 'The product lines of the ticket.',
    }),
  })
  .openapi('ExportedPreparedTicket', {
    description: 'A prepared ticket with its product lines: one line of the export in NDJSON.',
    example: {
      ...ticketExample,
      product_lines: [pick(lineExample, ['product_id', 'quantity'])],
    },
  });

/** Characters of CSV at most: 10,000 records of the longest members, with every quote doubled. */
const MAX_CSV_LENGTH = 7_000_000;

/** The export in CSV. */
export const exportInCsv = z.string().openapi({
  pattern: `^${Object.keys(responseMembers).join(',')}`,
  maxLength: MAX_CSV_LENGTH,
  description:
    'CSV (RFC 4180): a header line with the names of the eight members, then one record for each prepared ticket. Null is an empty field.',
});
