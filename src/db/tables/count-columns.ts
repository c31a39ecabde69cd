import { integer, text } from 'drizzle-orm/sqlite-core';
import type { PartnerId } from '../partner-id.ts';

/** Returns the columns of a table of counts. buckets.repository.ts describes buckets and parts. */
export const countColumns = () => ({
  partner_id: integer('partner_id').$type<PartnerId>().notNull(),
  facet: text('facet').notNull(),
  /** When the bucket begins, milliseconds since 1970; it ends where the next one begins. */
  begun_at: integer('begun_at').notNull(),
  part_0: integer('part_0').notNull().default(0),
  part_1: integer('part_1').notNull().default(0),
  part_2: integer('part_2').notNull().default(0),
  part_3: integer('part_3').notNull().default(0),
  /** When the second, third and fourth part begin; only of the facet `all`, as all that follow. */
  begun_1: integer('begun_1'),
  begun_2: integer('begun_2'),
  begun_3: integer('begun_3'),
  /** How many tickets were created in the newest part. */
  created: integer('created'),
  /** The latest `created_at` that a ticket of the bucket ever had. */
  newest_at: integer('newest_at'),
});
