import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Returns a home beside `main`, with the id of its database. */
export const otherHome = (name: string, number: number) => ({
  name,
  number,
  binding: `DB_${name.toUpperCase()}`,
  databaseId: `00000000-0000-0000-0000-${String(number).padStart(12, '0')}`,
});
type OtherHome = ReturnType<typeof otherHome>;

/** A home beside `main`. */
export const EU = otherHome('eu', 1);

/** Returns the value of the variable HOMES. */
export const settingOf = (homes: readonly OtherHome[]): string =>
  JSON.stringify(homes.map(({ databaseId, ...home }) => home));

/** Adds homes to the wrangler.toml in a folder, as docs/deploying.md describes. */
export function addHomes(folder: string, homes: readonly OtherHome[]): void {
  const file = join(folder, 'wrangler.toml');
  const text = readFileSync(file, 'utf8');
  const setting = `HOMES = '${settingOf(homes)}'`;
  const changed = text.replace(/^HOMES = .*$/m, () => setting);
  if (!changed.includes(setting)) {
    throw new Error('wrangler.toml has no line with HOMES.');
  }
  const databases = homes.map(
    ({ name, binding, databaseId }) => `
[[d1_databases]]
binding = "${binding}"
database_name = "prepared-tickets-${name}"
database_id = "${databaseId}"
migrations_dir = "drizzle"
`,
  );
  writeFileSync(file, changed + databases.join(''));
}
