import { z } from '@hono/zod-openapi';
import { dateTimeSchema } from '../../../http/fields/date-time.ts';
import { nameSchema } from '../credentials.schemas.ts';

/** The partner of the caller in a response. */
export const partner = z
  .object({
    name: z.string().openapi({
      ...nameSchema,
      description: 'The name of your organisation, as it was registered.',
    }),
    created_at: z.string().openapi({
      ...dateTimeSchema,
      description: 'Date and time when your organisation was registered, in UTC with milliseconds.',
    }),
  })
  .openapi('PartnerDetails', {
    description: 'Your organisation, to which the access token and the API key belong.',
  });

export const partnerExample = {
  name: 'Workshop Berlin',
  created_at: '2019-08-24T14:15:22.000Z',
};
