import { z } from '@hono/zod-openapi';
import { uuid } from '../../http/fields/text.ts';
import { operation } from '../../http/operation.ts';

const page = (description: string) => ({
  description,
  content: { 'text/html': { schema: z.string() } },
});

const customerPath = z.object({ 'customer-id': uuid('the customer') });

export const getPortal = operation({
  method: 'get',
  path: '/portal',
  operationId: 'getPortal',
  access: 'public',
  internal: true,
  responses: { 200: page('The customers that have tickets.') },
});

export const getCustomer = operation({
  method: 'get',
  path: '/portal/customers/{customer-id}',
  operationId: 'getPortalCustomer',
  access: 'public',
  internal: true,
  request: {
    params: customerPath,
    query: z.object({
      /** The ticket that was just picked up. */
      'picked-up': uuid('the ticket').optional(),
      /** The status with which the API refused to pick up a ticket. */
      refused: z.enum(['404', '409', '412']).optional(),
    }),
  },
  responses: { 200: page('The tickets of a customer.') },
});

/** The target of the form of each ticket. It has the path of the page, so that a reload shows the page. */
export const pickUp = operation({
  method: 'post',
  path: '/portal/customers/{customer-id}',
  operationId: 'pickUpInPortal',
  access: 'public',
  internal: true,
  request: { params: customerPath },
  responses: { 303: { description: 'A redirect to the page, which says what happened.' } },
});

export const getEvents = operation({
  method: 'get',
  path: '/portal/events',
  operationId: 'getPortalEvents',
  access: 'public',
  internal: true,
  responses: { 200: page('The newest events of the partner.') },
});
