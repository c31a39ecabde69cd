import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const binding = 'DB_EU';
const home = { name: 'eu', number: 1, binding };

/** A home beside `main`. */
export const EU = {
  ...home,
  databaseId: '00000000-0000-0000-0000-00000000e001',
  /** The value of the variable HOMES. */
  setting: JSON.stringify([home]),
};

/** Adds the home to the wrangler.toml in a folder, as docs/deploying.md describes. */
export function addHome(folder: string): void {
  const file = join(folder, 'wrangler.toml');
  const text = readFileSync(file, 'utf8');
  const setting = `HOMES = '${EU.setting}'`;
  const changed = text.replace(/^HOMES = .*$/m, () => setting);
  if (!changed.includes(setting)) {
    throw new Error('wrangler.toml has no line with HOMES.');
  }
  const database = `
[[d1_databases]]
binding = "${EU.binding}"
database_name = "prepared-tickets-eu"
database_id = "${EU.databaseId}"
migrations_dir = "drizzle"
`;
  writeFileSync(file, `${changed}${database}`);
}
