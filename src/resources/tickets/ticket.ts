import { z } from '@hono/zod-openapi';
import { ticketTag } from '../../db/entity-tags.ts';
import { dateTimeSchema } from '../../http/fields/date-time.ts';
import { integer, integerSchema, MAX_INTEGER } from '../../http/fields/integer.ts';
import { member, readOnlyMember } from '../../http/fields/member.ts';
import { partOf } from '../../http/fields/object.ts';
import { text, uuid, uuidSchema, WITHOUT_NUL } from '../../http/fields/text.ts';

/**
 * When a partner can set a member: `never` (the server sets it), `once` (when it creates the ticket) or
 * `always` (when it creates the ticket and with each update).
 */
type Writable = 'never' | 'once' | 'always';

/** The path of the tickets that customers picked up. */
export const TICKETS = '/v2/tickets/tickets';

export const ticketNumberRange = { minimum: 0, maximum: MAX_INTEGER };
const modelRange = { minimum: 0, maximum: MAX_INTEGER };

/**
 * Returns a zod schema for a VIN in any case, before it is turned into upper case.
 *
 * @param otherwise what a caller may send instead, for the sentence of a violation.
 * @param acceptsEmpty whether the empty string is accepted too.
 */
export function vinText(otherwise: string, acceptsEmpty = false) {
  return text({
    minLength: 17,
    maxLength: 17,
    alphabet: /^[A-Za-z0-9]*$/,
    acceptsEmpty,
    expected: `Send the 17 letters and digits of the VIN, or ${otherwise}.`,
  });
}

export const ticketMembers = {
  id: readOnlyMember('Ticket identifier.', {
    response: z.string(),
    form: { type: 'string', ...uuidSchema },
    example: '497f6eca-6276-4993-bfeb-53cbbbba6f08',
  }),
  created_at: readOnlyMember('Date and time of creation, in UTC with milliseconds.', {
    response: z.string(),
    form: { type: 'string', ...dateTimeSchema },
    example: '2019-08-24T14:15:22.000Z',
  }),
  customer_id: member(
    'Identifier of the customer for whom the ticket was created. The API does not check that the customer exists.',
    {
      writable: 'once',
      response: z.string().openapi(uuidSchema),
      request: uuid('the customer'),
      example: '160c0c4b-9966-4dc1-a916-8407eb10d74e',
    },
  ),
  ticket_number: readOnlyMember(
    'Human-readable ticket identifier. It counts your tickets from 1, and no number is used twice.',
    {
      response: z.int(),
      form: { type: 'integer', ...integerSchema(ticketNumberRange) },
      example: 7440303,
    },
  ),
  vehicle_model_id: member(
    'Identifier of the vehicle model on the ticket. The API does not check that the model exists.',
    {
      writable: 'always',
      response: z.int().openapi(integerSchema(modelRange)),
      request: integer(modelRange),
      example: 4711,
    },
  ),
  vin: member(
    'Vehicle Identification Number (VIN) of the vehicle on the ticket. The API stores it in upper case, and checks no more than its length and characters.',
    {
      writable: 'always',
      response: z
        .string()
        .nullable()
        .openapi({ minLength: 17, maxLength: 17, pattern: '^[A-Z0-9]{17}$' }),
      request: vinText('null')
        .transform((value) => value.toUpperCase())
        .nullable(),
      example: 'JH4KA7630PC007649',
    },
  ),
  voucher_code: member('Voucher code.', {
    writable: 'always',
    response: z
      .string()
      .nullable()
      .openapi({ minLength: 4, maxLength: 8, pattern: '^[A-Z0-9]{4,8}$' }),
    request: text({
      minLength: 4,
      maxLength: 8,
      alphabet: /^[A-Z0-9]*$/,
      expected: 'Send 4 to 8 characters of A-Z and 0-9, or null.',
    }).nullable(),
    example: 'WQ4MM3',
  }),
  preparer_external_reference: member(
    'This custom external reference, provided by the ticket preparer, is used for the purpose of communicating with other applications.',
    {
      writable: 'always',
      response: z.string().openapi({ minLength: 0, maxLength: 255, pattern: WITHOUT_NUL }),
      request: text({
        minLength: 0,
        maxLength: 255,
        expected:
          'Send your reference as a string of 0 to 255 characters, without NUL or lone surrogates.',
      }),
      example: 'DYNAMICS_ERP_3454662',
    },
  ),
};

type Members = typeof ticketMembers;
type NamesOf<W extends Writable> = {
  [N in keyof Members]: Members[N]['writable'] extends W ? N : never;
}[keyof Members];

function namesOf<W extends Writable>(...kinds: W[]): NamesOf<W>[] {
  const names = Object.keys(ticketMembers) as (keyof Members)[];
  return names.filter((name) =>
    (kinds as Writable[]).includes(ticketMembers[name].writable),
  ) as NamesOf<W>[];
}

/** The name of a member that an update replaces. */
export type ChangeableMember = NamesOf<'always'>;

/** The names of the members that only the server sets. */
export const readOnlyMembers = namesOf('never');
/** The names of the members that a partner sets when it creates a ticket. */
export const writableMembers = namesOf('once', 'always');
/** The names of the members that an update replaces. */
export const changeableMembers = namesOf('always');

export const requestMembers = partOf(ticketMembers, 'request');
export const responseMembers = partOf(ticketMembers, 'response');
export const ticketExample = partOf(ticketMembers, 'example');

/** An entity tag of the example. */
export const tagExample = `"${ticketTag.of({ ...ticketExample, version: 1 })}"`;
