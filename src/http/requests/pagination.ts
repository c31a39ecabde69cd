import { z } from '@hono/zod-openapi';
import { integerParameter, integerSchema, MAX_INTEGER } from '../fields/integer.ts';

const limitRange = { minimum: 0, maximum: 1000 };
const offsetRange = { minimum: 0, maximum: MAX_INTEGER };

/** The query parameters that select a page of a list. Their descriptions are those of the source page. */
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

/** `limit` and `offset` as the `query` member of a list returns them. */
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
 * Returns the schema of the `query` member of a list, which holds the applied query parameters.
 *
 * @param shape the members in addition to `limit` and `offset`.
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

/**
 * Returns the schema of the envelope of a list.
 *
 * @param query the schema of the applied query parameters.
 * @param item the schema of one resource.
 * @param what the name of the resources, in the plural, for descriptions.
 */
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
 * Returns the `Link` header (RFC 8288) of a page: `first`, `prev`, `next` and `last`, where they exist.
 *
 * @param url the URL of the request. The links keep its other query parameters.
 * @param page the limit and the offset that were applied.
 * @param total the number of resources on all pages.
 * @returns undefined if there is no page to link to.
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
