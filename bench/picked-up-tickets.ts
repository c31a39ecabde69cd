import type { RuntimeDatabase } from '../scripts/runtime/runtime.ts';
import { type Dataset, FIRST_PICKED_UP, idOf } from './dataset.ts';
import { listBudget, listSample, type Operation } from './operations.ts';

/** Returns the operations on picked-up tickets whose cost depends on the number of matches. */
export async function pickedUpTickets(
  database: RuntimeDatabase,
  { partner, tickets }: Dataset,
): Promise<Operation[]> {
  const number = FIRST_PICKED_UP + Math.floor(tickets / 2) + 1;
  const references = ['', `ERP_${tickets / 10}`, 'no such'];
  const counted = await database.batch<{ total: number }>(
    references.map((reference) =>
      database
        .prepare(
          `SELECT count(*) AS total FROM tickets
           WHERE partner_id = ? AND preparer_external_reference = ?`,
        )
        .bind(partner, reference),
    ),
  );
  const lists = references.map((reference, i): [string, Record<string, string>, number] => [
    reference === '' ? "reference ''" : reference,
    { preparer_external_reference: reference },
    counted[i]?.results[0]?.total ?? 0,
  ]);
  const all: typeof lists = [['ticket_number', { ticket_number: String(number) }, 1], ...lists];
  return [
    ...all.map(
      ([name, query, matches]): Operation => ({
        name: `list of picked-up tickets by ${name}`,
        budget: listBudget(10 + 3 * matches),
        samples: [0, 25, 1000].map((offset) =>
          listSample({ ...query, offset }, '/v2/tickets/tickets'),
        ),
      }),
    ),
    {
      name: 'GET one picked-up ticket',
      budget: { trips: 1, read: 3, written: 0 },
      samples: [0, 1, tickets / 2, tickets - 1].map((n) => ({
        request: { method: 'GET', collection: '/v2/tickets/tickets', path: `/${idOf.pickedUp(n)}` },
        status: 200,
      })),
    },
  ];
}
