import type { RouteHandler } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AppEnv } from '../../../../context.ts';
import { changeOf } from '../../../../http/requests/change.ts';
import { entityTag, notModified, preconditionsOf } from '../../../../http/requests/conditional.ts';
import { pageLinks } from '../../../../http/requests/pagination.ts';
import { reply } from '../../../../http/responses/reply.ts';
import { Problem, type Violation } from '../../../../problems/problem.ts';
import { missingTicket } from '../missing-ticket.ts';
import * as repository from './product-lines.repository.ts';
import * as routes from './product-lines.routes.ts';
import { repeatsPath } from './product-lines.schemas.ts';

interface LinePath {
  'prepared-ticket-id': string;
  'product-id': string;
}

function keyOf(partnerId: number, path: LinePath): repository.LineKey {
  return { partnerId, ticketId: path['prepared-ticket-id'], productId: path['product-id'] };
}

/** The change of a line that a request makes. */
function lineChange(c: Context<AppEnv>, path: LinePath): repository.LineChange {
  return {
    change: changeOf(c),
    ticketId: path['prepared-ticket-id'],
    productId: path['product-id'],
    preconditions: preconditionsOf(c),
  };
}

/** Returns a product line as responses show it. */
export function lineOf<R extends { readonly product_id: string }>(ticketId: string, row: R) {
  return { ticket_id: ticketId, ...row };
}

/** Returns the same problem for an unknown ticket, another partner's ticket, and a product that is not on the ticket. */
const missingLine = (c: Context<AppEnv>, ticketId: string) =>
  missingTicket(c, ticketId, routes.noLine);

/** What the path says may be repeated in the body, but not contradicted. */
function contradictions(
  member: 'ticket_id' | 'product_id',
  sent: string | undefined,
  path: string,
): Violation[] {
  return sent === undefined || sent === path
    ? []
    : [{ in: 'body', pointer: `#/${member}`, code: 'immutable', detail: repeatsPath }];
}

export const list: RouteHandler<typeof routes.listProductLines, AppEnv> = async (c) => {
  const page = c.req.valid('query');
  const ticketId = c.req.valid('param')['prepared-ticket-id'];
  const { partnerId } = c.get('principal');
  const found = await repository.listProductLines(c.get('db'), partnerId, ticketId, page);
  if (found === undefined) {
    throw await missingTicket(c, ticketId);
  }
  const result = found.rows.map((row) => lineOf(ticketId, row));
  const body = { query: page, result, total: found.total };
  return reply(c, routes.listProductLines, 200, body, {
    headers: {
      Link: pageLinks(c.req.url, page, found.total),
    },
  });
};

export const get: RouteHandler<typeof routes.getProductLine, AppEnv> = async (c) => {
  const key = keyOf(c.get('principal').partnerId, c.req.valid('param'));
  const row = await repository.findProductLine(c.get('db'), key);
  if (row === undefined) {
    throw await missingLine(c, key.ticketId);
  }
  const known = notModified(c, row.version);
  const ETag = entityTag(row.version);
  return (
    known ?? reply(c, routes.getProductLine, 200, lineOf(key.ticketId, row), { headers: { ETag } })
  );
};

export const put: RouteHandler<typeof routes.putProductLine, AppEnv> = async (c) => {
  const change = lineChange(c, c.req.valid('param'));
  const { ticketId, productId } = change;
  const { quantity, ticket_id, product_id } = c.req.valid('json');
  const violations = [
    ...contradictions('ticket_id', ticket_id, ticketId),
    ...contradictions('product_id', product_id, productId),
  ];
  if (violations.length > 0) {
    throw new Problem('violations', { violations });
  }
  const result = await repository.putProductLine(c.get('db'), change, quantity);
  if (result.outcome === 'no-ticket') {
    throw await missingTicket(c, ticketId);
  }
  if (result.outcome === 'too-many-lines') {
    throw new Problem('tooManyProductLines');
  }
  if (result.outcome === 'other-version') {
    throw new Problem('preconditionFailed');
  }
  const line = lineOf(ticketId, result.row);
  const path = `/v2/tickets/prepared-tickets/${ticketId}/product-lines/${productId}`;
  const url = new URL(path, c.req.url).href;
  const headers = { ETag: entityTag(result.row.version), 'Content-Location': url };
  return result.outcome === 'replaced'
    ? reply(c, routes.putProductLine, 200, line, { headers: headers })
    : reply(c, routes.putProductLine, 201, line, { headers: { ...headers, Location: url } });
};

export const remove: RouteHandler<typeof routes.deleteProductLine, AppEnv> = async (c) => {
  const change = lineChange(c, c.req.valid('param'));
  const outcome = await repository.deleteProductLine(c.get('db'), change);
  if (outcome === 'not-found') {
    throw await missingLine(c, change.ticketId);
  }
  if (outcome === 'other-version') {
    throw new Problem('preconditionFailed');
  }
  return c.body(null, 204);
};
