import type { Database } from '../../db/client.ts';
import type { Page } from '../../http/requests/pagination.ts';
import { accessPathsOf } from './access-paths.repository.ts';
import { type CountedPath, listByCounts } from './counted-list.repository.ts';
import { listByMatches } from './matched-list.repository.ts';
import { isEmpty } from './period.ts';
import type { Selection } from './selections.repository.ts';

/** Returns one page of the tickets of a selection, newest first, and how many there are. */
export async function listSelection<Row extends { readonly id: string }>(
  db: Database,
  selection: Selection<Row>,
  page: Page,
): Promise<{ rows: Row[]; total: number }> {
  if (isEmpty(selection.period)) {
    return { rows: [], total: 0 };
  }
  const [path, ...others] = accessPathsOf(selection);
  if (others.length === 0 && path.facet !== undefined) {
    return listByCounts(db, { ...selection, path: path as CountedPath }, page);
  }
  return listByMatches(db, selection, page);
}
