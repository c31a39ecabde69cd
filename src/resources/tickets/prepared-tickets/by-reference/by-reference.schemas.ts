import { z } from '@hono/zod-openapi';
import { bodyOf, pick } from '../../../../http/fields/object.ts';
import { text } from '../../../../http/fields/text.ts';
import { newPreparedTicket } from '../prepared-tickets.schemas.ts';
import { newProductLines } from '../product-lines/new-product-lines.ts';
import { lineExample } from '../product-lines/product-lines.schemas.ts';
import { requestMembers, ticketExample } from '../ticket-members.ts';

/** What to send as the reference in the path. */
export const expectedReference =
  'Send your reference as 1 to 255 characters in percent-encoded UTF-8, without NUL.';

/** What a request may do with the reference in its body. */
export const repeatsReference = 'Leave it out, or send the one that the path names.';

/** What the document says of the body of PUT. */
export const bodyDescription = 'The prepared ticket you wish to have under this reference.';

/** The reference in the code samples. */
export const EXAMPLE_REFERENCE = 'WORKSHOP_77';

export const referencePath = z.object({
  preparer_external_reference: text({
    minLength: 1,
    maxLength: 255,
    expected: expectedReference,
  }).openapi({
    param: {
      description:
        'Your own reference of the prepared ticket, percent-encoded in UTF-8. Any reference works except `.` and `..`, which no URL can carry.',
      example: EXAMPLE_REFERENCE,
    },
  }),
});

/** The body of PUT: the members of a POST, and the product lines. */
export const preparedTicketByReference = bodyOf({
  ...newPreparedTicket.shape,
  preparer_external_reference: requestMembers.preparer_external_reference.optional().openapi({
    description: `Your reference, as in the path. ${repeatsReference}`,
  }),
  product_lines: newProductLines.optional().openapi({
    description:
      'All product lines of the ticket, each product once. Without this member, the lines of an existing ticket stay as they are.',
  }),
}).openapi('PreparedTicketByReference', { description: bodyDescription });

/** A body without the reference, which the path has. */
export const bodyExample = {
  ...pick(ticketExample, ['customer_id', 'vehicle_model_id', 'vin', 'voucher_code']),
  product_lines: [pick(lineExample, ['product_id', 'quantity'])],
};
