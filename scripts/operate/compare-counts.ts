import {
  BEFORE_ALL_TIME,
  type Bucket,
  type CountKey,
  END_OF_TIME,
  type recountPagesOf,
  type Span,
  type WrongCount,
} from '../../src/resources/tickets/recount-pages.repository.ts';
import type { Batch } from '../homes/batch.ts';

/** The most tickets of one statement. Each can have 50 product lines, so a statement takes less than ten seconds. */
const TICKETS_PER_PAGE = 25_000;
/** The most spans in one statement, which D1 limits to 100 KB. */
const SPANS_PER_PAGE = 500;
/** The most counts of one statement that looks whether they have tickets. */
const COUNTS_PER_PAGE = 100_000;
const FIRST_KEY: CountKey = { partner_id: -1, facet: '', begun_at: 0 };

/** The statements that compare and repair the counts of one book. */
export type RecountPages = ReturnType<typeof recountPagesOf>;

/** What divides the work; tests use smaller pages. */
export interface PageSizes {
  readonly tickets: number;
  readonly counts: number;
}
const DEFAULT_SIZES: PageSizes = { tickets: TICKETS_PER_PAGE, counts: COUNTS_PER_PAGE };

/** Returns the rows of one statement. */
const rows = async <Row>(execute: Batch, statement: string): Promise<Row[]> =>
  (await execute([statement]))[0] as Row[];

/** Divides buckets into pages of neighbours. Each is larger than a page of tickets only if one bucket is. */
function pagesOf(buckets: readonly Bucket[], size: number): { spans: Span[]; tickets: number }[] {
  const pages = [{ spans: [] as Span[], tickets: 0 }];
  for (const { partner_id, begun_at, ended_at, actual } of buckets) {
    let page = pages.at(-1) as (typeof pages)[number];
    if (page.spans.length === SPANS_PER_PAGE || page.tickets + actual > size) {
      page = { spans: [], tickets: 0 };
      pages.push(page);
    }
    const last = page.spans.at(-1);
    if (last?.partner_id === partner_id && last.ended_at === begun_at) {
      page.spans[page.spans.length - 1] = { ...last, ended_at };
    } else {
      page.spans.push({ partner_id, begun_at, ended_at });
    }
    page.tickets += actual;
  }
  return pages.filter(({ spans }) => spans.length > 0);
}

/** Calls a function for some counts after the others, with the key before the first and that of the last of them. */
async function forEachPageOfCounts(
  pages: RecountPages,
  execute: Batch,
  size: number,
  act: (after: CountKey, last: CountKey | undefined) => Promise<void>,
): Promise<void> {
  let after: CountKey | undefined = FIRST_KEY;
  while (after !== undefined) {
    const [last]: CountKey[] = await rows<CountKey>(execute, pages.countAfter(after, size));
    await act(after, last);
    after = last;
  }
}

/**
 * Compares the counts of a book with the rows that they count, in statements that take less than ten seconds on a full
 * home.
 *
 * @param progress receives how many of the tickets are compared.
 * @returns the counts that differ, at most 1,000 of each statement.
 */
export async function compareCounts(
  pages: RecountPages,
  execute: Batch,
  progress: (done: number, all: number) => void = () => {},
  sizes = DEFAULT_SIZES,
): Promise<WrongCount[]> {
  const buckets = (await rows<Bucket>(execute, pages.buckets)).filter(({ actual }) => actual > 0);
  const isOdd = ({ begun_at, actual }: Bucket) =>
    begun_at === BEFORE_ALL_TIME || actual > sizes.tickets;
  const wrong = buckets.filter(isOdd).map((bucket): WrongCount => ({ ...bucket, facet: 'all' }));
  const all = buckets.reduce((sum, { actual }) => sum + actual, 0);
  let done = 0;
  for (const { spans, tickets } of pagesOf(
    buckets.filter((bucket) => !isOdd(bucket)),
    sizes.tickets,
  )) {
    wrong.push(...(await rows<WrongCount>(execute, pages.wrongCounts(spans))));
    done += tickets;
    progress(done, all);
  }
  await forEachPageOfCounts(pages, execute, sizes.counts, async (after, last) => {
    wrong.push(...(await rows<WrongCount>(execute, pages.unfounded(after, last))));
  });
  return wrong;
}

/** Makes the buckets and the counts of some partners anew from their tickets, in batches of the same size. */
export async function repairCounts(
  pages: RecountPages,
  execute: Batch,
  partnerIds: Iterable<number>,
  sizes = DEFAULT_SIZES,
): Promise<void> {
  for (const partner_id of partnerIds) {
    let begun_at = BEFORE_ALL_TIME;
    while (begun_at < END_OF_TIME) {
      const next = pages.endAfter({ partner_id, begun_at }, sizes.tickets);
      const [{ ended_at } = { ended_at: END_OF_TIME }] = await rows<Span>(execute, next);
      await execute(pages.repair({ partner_id, begun_at, ended_at }));
      begun_at = ended_at;
    }
  }
  await forEachPageOfCounts(pages, execute, sizes.counts, async (after, last) => {
    await execute([pages.removeUnfounded(after, last)]);
  });
}
