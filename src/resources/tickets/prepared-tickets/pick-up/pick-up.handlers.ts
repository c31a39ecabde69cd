import type { RouteHandler } from '@hono/zod-openapi';
import type { AppEnv } from '../../../../context.ts';
import { changeOf } from '../../../../http/requests/change.ts';
import { entityTag, preconditionsOf } from '../../../../http/requests/conditional.ts';
import { reply } from '../../../../http/responses/reply.ts';
import { Problem } from '../../../../problems/problem.ts';
import { asTicket } from '../../tickets/tickets.handlers.ts';
import { TICKETS } from '../missing-ticket.ts';
import { noTicket } from '../prepared-tickets.routes.ts';
import * as repository from './pick-up.repository.ts';
import { pickUpPreparedTicket } from './pick-up.routes.ts';

type Refused = Exclude<repository.PickUpOutcome, { row: unknown }>;

/** Returns why a ticket was not picked up, as a problem. */
function refusal(refused: Refused): Problem {
  switch (refused.outcome) {
    case 'not-ready':
      return new Problem('notReady', { missing: refused.missing });
    case 'other-version':
      return new Problem('preconditionFailed');
    default:
      return new Problem('notFound', { detail: noTicket });
  }
}

export const pickUp: RouteHandler<typeof pickUpPreparedTicket, AppEnv> = async (c) => {
  const result = await repository.pickUp(c.get('db'), {
    change: changeOf(c),
    id: c.req.valid('param')['prepared-ticket-id'],
    customerId: c.req.valid('json').customer_id,
    preconditions: preconditionsOf(c),
    ticketsPerPart: c.get('dependencies').ticketsPerPart,
  });
  if (!('row' in result)) {
    throw refusal(result);
  }
  const { row, outcome } = result;
  const url = new URL(`${TICKETS}/${row.id}`, c.req.url).href;
  const headers = { ETag: entityTag(row.version), 'Content-Location': url };
  return outcome === 'picked-up'
    ? reply(c, pickUpPreparedTicket, 201, asTicket(row), { headers: { ...headers, Location: url } })
    : reply(c, pickUpPreparedTicket, 200, asTicket(row), { headers: headers });
};
