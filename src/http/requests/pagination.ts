import { z } from '@hono/zod-openapi';
import { integerParameter, integerSchema, MAX_INTEGER } from '../fields/integer.ts';

const limitRange = { minimum: 0, maximum: 1000 };
const offsetRange = { minimum: 0, maximum: MAX_INTEGER };

/** How a list is cut into pages, as in the source page. */
export const pageParameters = {
  limit: integerParameter(limitRange)
    .default(25)
    .openapi({
      param: { description: 'Limits the amount of resources in result.' },
      type: 'integer',
      ...integerSchema(limitRange),
      default: 25,
    }),
  offset: integerParameter(offsetRange)
    .default(0)
    .openapi({
      param: { description: 'Offset of resources in result.' },
      type: 'integer',
      ...integerSchema(offsetRange),
      default: 0,
    }),
};

/** `limit` and `offset` as a list's `query` echoes them. */
export const pageEcho = {
  limit: z.int().openapi({
    description: 'The applied value of the limit query parameter on the resources in result.',
    ...integerSchema(limitRange),
    default: 25,
  }),
  offset: z.int().openapi({
    description: 'The applied value of the offset query parameter on the resources in result.',
    ...integerSchema(offsetRange),
    default: 0,
  }),
};

/**
 * The `query` of a list: the parameters that were applied.
 *
 * @param shape the members besides `limit` and `offset`.
 */
export function appliedQuery<S extends z.ZodRawShape>(shape: S) {
  return z
    .object({ ...pageEcho, ...shape })
    .openapi({ description: 'Applied query parameters, including defaults.' });
}

export interface Page {
  readonly limit: number;
  readonly offset: number;
}

/** The envelope of every list. */
export function listOf<Q extends z.ZodType, R extends z.ZodType>(query: Q, item: R, what: string) {
  return z
    .object({
      query,
      result: z.array(item).openapi({ description: `List of ${what}.`, maxItems: 1000 }),
      total: z.int().openapi({
        description: 'Total number of resources matching provided query parameters.',
        ...integerSchema({ minimum: 0, maximum: MAX_INTEGER }),
      }),
    })
    .openapi({
      description: `One page of the ${what} that match, and the total number of matches.`,
    });
}

/**
 * The `Link` header (RFC 8288) of a page: `first`, `prev`, `next` and `last` where they exist.
 *
 * @param url the URL of the request; its other parameters are kept.
 * @returns undefined when there is no page to link to.
 */
export function pageLinks(url: string, { limit, offset }: Page, total: number): string | undefined {
  if (limit === 0 || total === 0) {
    return undefined;
  }
  const last = Math.floor((total - 1) / limit) * limit;
  const offsets = {
    first: 0,
    ...(offset > 0 && { prev: Math.max(0, Math.min(offset - limit, last)) }),
    ...(offset + limit < total && { next: offset + limit }),
    last,
  };
  const target = new URL(url);
  target.searchParams.delete('limit');
  target.searchParams.delete('offset');
  const others = target.searchParams.toString();
  const start = `${target.origin}${target.pathname}?${others === '' ? '' : `${others}&`}limit=${limit}`;
  return Object.entries(offsets)
    .map(([relation, offsetOfPage]) => `<${start}&offset=${offsetOfPage}>; rel="${relation}"`)
    .join(', ');
}
