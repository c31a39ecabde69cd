import { z } from '@hono/zod-openapi';
import { json, operation } from '../../../../http/operation.ts';
import { reply } from '../../../../http/responses/reply.ts';
import { serve } from '../../../../http/serve.ts';
import { MAX_OPEN_ITEMS } from '../../../../open-string.ts';
import { ofTicket, PREPARED_TICKET } from '../prepared-ticket.ts';
import { findMissing, missingPart } from './readiness.repository.ts';

const readinessExample = { ready: true, missing: [] };

const readiness = z
  .object({
    ready: z.boolean().openapi({
      description:
        'Whether the prepared ticket appears in the Customer Portal and can be picked up.',
    }),
    missing: z.array(missingPart).openapi({
      description: 'What the prepared ticket lacks. Empty if it is ready.',
      maxItems: MAX_OPEN_ITEMS,
    }),
  })
  .openapi('Readiness', {
    description:
      'Whether a prepared ticket has what it needs to be picked up: a VIN, a vehicle model and at least one product line.',
    example: readinessExample,
  });

const getReadiness = operation({
  ...ofTicket,
  method: 'get',
  path: `${PREPARED_TICKET}/readiness` as const,
  operationId: 'getPreparedTicketReadiness',
  access: 'prepared-tickets:read',
  tags: ['Prepared tickets'],
  summary: 'Retrieve the readiness of a prepared ticket',
  description:
    'Retrieve whether the customer sees a prepared ticket in the Customer Portal, and what it lacks if not.',
  responses: { 200: json('Successful response.', readiness, { example: readinessExample }) },
});

/** Mounts `/v2/tickets/prepared-tickets/{prepared-ticket-id}/readiness`. */
export const mountReadiness = serve(getReadiness, async (c) => {
  const id = c.req.valid('param')['prepared-ticket-id'];
  const missing = await findMissing(c.var.db, c.var.principal.partnerId, id);
  return reply(c, getReadiness, 200, { ready: missing.length === 0, missing });
});
