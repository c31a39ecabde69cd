import { z } from '@hono/zod-openapi';
import { dateTimeParameter, dateTimeSchema } from '../../../http/fields/date-time.ts';
import {
  integer,
  integerParameter,
  integerSchema,
  MAX_INTEGER,
} from '../../../http/fields/integer.ts';
import { bodyOf, queryOf, readOnly, withDefault } from '../../../http/fields/object.ts';
import { text, uuid, uuidSchema, WITHOUT_NUL } from '../../../http/fields/text.ts';
import { listOf, pageEcho, pageParameters } from '../../../http/requests/pagination.ts';

export const ticketExample = {
  id: '497f6eca-6276-4993-bfeb-53cbbbba6f08',
  created_at: '2019-08-24T14:15:22.000Z',
  customer_id: '160c0c4b-9966-4dc1-a916-8407eb10d74e',
  ticket_number: 7440303,
  vehicle_model_id: 4711,
  vin: 'JH4KA7630PC007649',
  voucher_code: 'WQ4MM3',
  preparer_external_reference: 'DYNAMICS_ERP_3454662',
};

/** A product that the examples put on the ticket. */
export const productExample = 'c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3';

const descriptions = {
  id: 'Ticket identifier.',
  created_at: 'Date and time of creation, in UTC with milliseconds.',
  customer_id:
    'Identifier of the customer for whom the ticket was created. The API does not check that the customer exists.',
  ticket_number:
    'Human-readable ticket identifier. Rises with every ticket and is never used twice.',
  vehicle_model_id:
    'Identifier of the vehicle model on the ticket. The API does not check that the model exists.',
  vin: 'Vehicle Identification Number (VIN) of the vehicle on the ticket.',
  voucher_code: 'Voucher code.',
  preparer_external_reference:
    'This custom external reference, provided by the ticket preparer, is used for the purpose of communicating with other applications.',
};

const idRange = { minimum: 0, maximum: MAX_INTEGER };
const idSchema = integerSchema(idRange);

const vinSchema = { minLength: 17, maxLength: 17, pattern: '^[A-Z0-9]{17}$' };
const referenceSchema = { minLength: 0, maxLength: 255, pattern: WITHOUT_NUL };

/** The eight members of a prepared ticket, always all present. */
export const preparedTicket = z
  .object({
    id: z.string().openapi({ ...uuidSchema, description: descriptions.id }),
    created_at: z.string().openapi({ ...dateTimeSchema, description: descriptions.created_at }),
    customer_id: z.string().openapi({ ...uuidSchema, description: descriptions.customer_id }),
    ticket_number: z.int().openapi({ ...idSchema, description: descriptions.ticket_number }),
    vehicle_model_id: z.int().openapi({ ...idSchema, description: descriptions.vehicle_model_id }),
    vin: z
      .string()
      .nullable()
      .openapi({ ...vinSchema, description: `${descriptions.vin} In upper case.` }),
    voucher_code: z.string().nullable().openapi({
      minLength: 4,
      maxLength: 8,
      pattern: '^[A-Z0-9]{4,8}$',
      description: descriptions.voucher_code,
    }),
    preparer_external_reference: z
      .string()
      .openapi({ ...referenceSchema, description: descriptions.preparer_external_reference }),
  })
  .openapi('PreparedTicket', {
    description:
      'A ticket with pre-filled data that can be picked up by a customer in the Customer Portal. It appears there when a VIN, a vehicle model and an associated product line are present.',
    example: ticketExample,
  });

const vin = text({
  minLength: 17,
  maxLength: 17,
  alphabet: /^[A-Za-z0-9]*$/,
  expected: 'Send the 17 letters and digits of the VIN, or null.',
})
  .transform((value) => value.toUpperCase())
  .nullable()
  .openapi({ description: `${descriptions.vin} Stored in upper case.` });

const voucherCode = text({
  minLength: 4,
  maxLength: 8,
  alphabet: /^[A-Z0-9]*$/,
  expected: 'Send 4 to 8 characters of A-Z and 0-9, or null.',
})
  .nullable()
  .openapi({ description: descriptions.voucher_code });

const externalReference = text({
  minLength: 0,
  maxLength: 255,
  expected: 'Send your reference as a text of 0 to 255 characters, without NUL or lone surrogates.',
});

const vehicleModelId = integer(idRange).openapi({
  description: descriptions.vehicle_model_id,
});

/** Accepted and ignored on POST and PUT. */
const readOnlyMembers = {
  id: readOnly(descriptions.id, { type: 'string', ...uuidSchema }),
  created_at: readOnly(descriptions.created_at, { type: 'string', ...dateTimeSchema }),
  ticket_number: readOnly(descriptions.ticket_number, { type: 'integer', ...idSchema }),
};

/** The body of POST. */
export const newPreparedTicket = bodyOf({
  customer_id: uuid('the customer').openapi({ description: descriptions.customer_id }),
  vehicle_model_id: vehicleModelId,
  vin,
  voucher_code: withDefault(voucherCode, null, `${descriptions.voucher_code} Default: null.`),
  preparer_external_reference: externalReference.openapi({
    description: descriptions.preparer_external_reference,
  }),
  ...readOnlyMembers,
}).openapi('NewPreparedTicket', { description: 'The prepared ticket you wish to create.' });

/** The body of PUT: the four members that can change, all required. */
export const preparedTicketUpdate = bodyOf({
  vehicle_model_id: vehicleModelId,
  vin,
  voucher_code: voucherCode,
  preparer_external_reference: externalReference.openapi({
    description: descriptions.preparer_external_reference,
  }),
  customer_id: uuid('the customer')
    .optional()
    .openapi({
      description: `${descriptions.customer_id} It cannot change: leave it out, or send the present one.`,
    }),
  ...readOnlyMembers,
}).openapi('PreparedTicketUpdate', { description: 'The prepared ticket you wish to update.' });

/** A parameter of a filter; `undefined` when it was not given. */
const filter = <S extends z.ZodType>(schema: S, description: string, example?: unknown) =>
  schema.optional().openapi({ param: { description, ...(example !== undefined && { example }) } });

export const preparedTicketsQuery = queryOf({
  created_after: filter(
    dateTimeParameter('down'),
    'Filter prepared tickets that have been created after provided date-time (exclusive).',
    '2019-08-24T14:15:22Z',
  ),
  created_before: filter(
    dateTimeParameter('up'),
    'Filter prepared tickets that have been created before provided date-time (exclusive).',
    '2019-08-24T14:15:22Z',
  ),
  customer_id: filter(
    uuid('the customer'),
    'Filter prepared tickets by customer identifier.',
    ticketExample.customer_id,
  ),
  ...pageParameters,
  preparer_external_reference: filter(
    externalReference,
    "Filter prepared tickets by preparer's given external reference (exact).",
    'ERP_DYNAMICS_2442',
  ),
  product_id: filter(
    uuid('the product'),
    'Filter prepared tickets by product identifier. Return only prepared tickets with an associated product-line for the referenced product.',
    productExample,
  ),
  ticket_number: filter(integerParameter(idRange), 'Filter tickets by ticket number.', 7179072),
  vin: text({
    minLength: 17,
    maxLength: 17,
    alphabet: /^[A-Za-z0-9]*$/,
    orEmpty: true,
    expected: 'Send the 17 letters and digits of a VIN, or nothing for tickets without one.',
  })
    .transform((value) => (value === '' ? null : value.toUpperCase()))
    .optional()
    .openapi({
      type: 'string',
      minLength: 0,
      maxLength: 17,
      pattern: '^(?:[A-Za-z0-9]{17})?$',
      param: {
        description:
          'Filter prepared tickets by Vehicle Identification Number (VIN), in any case. Providing no value will return tickets without a VIN.',
        allowEmptyValue: true,
        example: 'JH4KA7630PC007649',
      },
    }),
});

export type PreparedTicketsQuery = z.output<typeof preparedTicketsQuery>;

const echoed = (schema: object, description: string) =>
  z
    .string()
    .optional()
    .openapi({ ...schema, description });

/** `query` of the list: what was applied, typed and normalised. */
const appliedQuery = z
  .object({
    ...pageEcho,
    created_after: echoed(dateTimeSchema, 'The applied filter, in UTC.'),
    created_before: echoed(dateTimeSchema, 'The applied filter, in UTC.'),
    customer_id: echoed(uuidSchema, 'The applied filter, in lower case.'),
    preparer_external_reference: echoed(referenceSchema, 'The applied filter.'),
    product_id: echoed(uuidSchema, 'The applied filter, in lower case.'),
    ticket_number: z
      .int()
      .optional()
      .openapi({ ...idSchema, description: 'The applied filter.' }),
    vin: z
      .string()
      .nullable()
      .optional()
      .openapi({
        ...vinSchema,
        description: 'The applied filter, in upper case; null for tickets without a VIN.',
      }),
  })
  .openapi('PreparedTicketsQuery', {
    description: 'Applied query parameters, including defaults.',
  });

export const preparedTicketList = listOf(appliedQuery, preparedTicket, 'prepared tickets').openapi(
  'PreparedTicketList',
);

export const preparedTicketPath = z.object({
  'prepared-ticket-id': uuid('the prepared ticket').openapi({
    param: { description: 'Identifier of the prepared ticket.', example: ticketExample.id },
  }),
});
