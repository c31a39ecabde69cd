import { json, operation } from '../../../http/operation.ts';
import { partner, partnerExample } from './partner.schemas.ts';

export const getPartner = operation({
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
