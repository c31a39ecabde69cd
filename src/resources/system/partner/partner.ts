import { z } from '@hono/zod-openapi';
import { tokenInvalid } from '../../../auth/refusals.ts';
import { dateTimeSchema, formatDateTime } from '../../../http/fields/date-time.ts';
import { json, operation } from '../../../http/operation.ts';
import { reply } from '../../../http/responses/reply.ts';
import { serve } from '../../../http/serve.ts';
import { nameSchema } from '../credentials.ts';
import { findPartner } from './partner.repository.ts';

/** The partner of the caller in a response. */
const partner = z
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

const getPartner = operation({
  method: 'get',
  path: '/v2/system/partner',
  operationId: 'getPartner',
  access: 'both-credentials',
  tags: ['Partner'],
  summary: 'Retrieve your partner',
  description:
    'Retrieve the partner to which the access token and the API key belong. The token needs no particular scope.',
  responses: { 200: json('Successful response.', partner, { example: partnerExample }) },
});

/** Mounts `/v2/system/partner`. */
export const mountPartner = serve(getPartner, async (c) => {
  const row = await findPartner(c.var.db, c.var.principal.partnerId);
  if (row === undefined) {
    // This isolate still trusts the cached credentials of a partner that the operator deleted.
    throw tokenInvalid(c);
  }
  const { name, created_at } = row;
  return reply(c, getPartner, 200, { name, created_at: formatDateTime(created_at) });
});
