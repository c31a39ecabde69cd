import { env } from 'cloudflare:workers';
import { beforeEach, expect, test } from 'vitest';
import { removeOldEvents } from '../../../scripts/homes/old-events.ts';
import { START } from '../../support/api.ts';
import { executeIn } from '../../support/counts.ts';
import { homes } from '../../support/homes.ts';
import { makePartner } from '../../support/partners.ts';

const BEFORE = START + 10;
const execute = executeIn(env.DB);

/** Gives a partner events of some times, which are after `START`. */
async function events(...times: readonly number[]): Promise<number> {
  const { partnerId } = await makePartner({ home: homes[0] });
  const rows = times.map(
    (time, i) =>
      `(${partnerId}, ${i + 1}, '${partnerId}-${i}', 'client.created', ${START + time}, '')`,
  );
  await env.DB.batch([
    env.DB.prepare(`DELETE FROM events WHERE partner_id = ${partnerId}`),
    env.DB.prepare(`INSERT INTO events (partner_id, sequence, id, type, created_at, subject_id)
      VALUES ${rows.join(', ')}`),
  ]);
  return partnerId;
}

/** Returns the sequences of the events of a partner. */
const sequencesOf = async (partnerId: number) => {
  const sql = `SELECT sequence FROM events WHERE partner_id = ${partnerId} ORDER BY sequence`;
  return (await env.DB.prepare(sql).all<{ sequence: number }>()).results.map((row) => row.sequence);
};

beforeEach(async () => {
  await env.DB.prepare('DELETE FROM events').run();
});

test('removes old events in several batches, and keeps the newest one of each partner', async () => {
  const old = await events(0, 1, 2, 3, 4, 5);
  const mixed = await events(0, 1, 10, 11);
  const young = await events(10, 11);
  const only = await events(0);
  const totals: number[] = [];
  const removed = await removeOldEvents(execute, BEFORE, (total) => totals.push(total), 6);
  expect(removed).toBe(7);
  expect(totals).toEqual([5, 7]);
  expect(await sequencesOf(old)).toEqual([6]);
  expect(await sequencesOf(mixed)).toEqual([3, 4]);
  expect(await sequencesOf(young)).toEqual([1, 2]);
  expect(await sequencesOf(only)).toEqual([1]);
});

test('removes nothing where no event is old', async () => {
  await events(10, 11);
  expect(await removeOldEvents(execute, BEFORE)).toBe(0);
});
