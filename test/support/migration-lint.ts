/**
 * Finds migrations with which SQLite would lose rows, or which D1 would split at the wrong places. A table
 * may be dropped in two ways only. The first way is the reviewed rebuild with these statements in sequence:
 *
 *     PRAGMA defer_foreign_keys = on
 *     CREATE TABLE `__old_t` AS SELECT * FROM `t`
 *     DROP TABLE `t`
 *     CREATE TABLE `t` (…)
 *     INSERT INTO `t` (…) SELECT … FROM `__old_t`
 *     DROP TABLE `__old_t`
 *
 * D1 keeps foreign keys enabled in spite of the `PRAGMA foreign_keys=OFF` of drizzle-kit. Each row that is
 * inserted again resolves the deferred violation of a dropped row. Renaming a copy, as drizzle-kit does,
 * would not resolve it. In the second way, the statement directly before the drop moves all rows into
 * another table:
 *
 *     INSERT INTO `other` (…) SELECT … FROM `t`
 *     DROP TABLE `t`
 *
 * A table with AUTOINCREMENT would forget the highest number that it assigned, so its rebuild also needs
 *
 *     CREATE TABLE `__old_sequence` AS SELECT * FROM sqlite_sequence
 *     UPDATE sqlite_sequence SET seq = (SELECT seq FROM `__old_sequence` WHERE name = 't') WHERE name = 't'
 *     DROP TABLE `__old_sequence`
 */

const DROP = /^DROP TABLE [`"]?(\w+)[`"]?$/i;
const SEQUENCE = '__old_sequence';
/** A table that only counted the rows of others, which its successor counts anew. */
const DERIVED = ['day_counts'];

/** Returns SQL in one line without comments and string literals, with single spaces. */
function plain(statement: string): string {
  return statement
    .replaceAll(/'(?:[^']|'')*'/g, "''")
    .replaceAll(/--[^\n]*|\/\*.*?\*\//gs, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

const named = (name: string) => `[\`"]?${name}[\`"]?`;
const whole = (...parts: string[]) => new RegExp(`^${parts.join(' ')}$`, 'i');

/** Returns the patterns of the statements of a rebuild. The second statement drops the table. */
function rebuildOf(table: string): RegExp[] {
  const [present, old] = [named(table), named(`__old_${table}`)];
  return [
    whole(`CREATE TABLE ${old} AS SELECT \\* FROM ${present}`),
    whole(`DROP TABLE ${present}`),
    whole(`CREATE TABLE ${present} ?\\(.+`),
    // The statement must copy every row, so it must not have a condition.
    whole(`INSERT INTO ${present} ?\\([^)]+\\) SELECT (?:(?! FROM ).)+ FROM ${old}`),
    whole(`DROP TABLE ${old}`),
  ];
}

/**
 * Returns the pattern of a statement that copies every row of a table into another table that stays. The
 * statement must not have a condition, which would omit rows.
 */
const moveOf = (table: string) =>
  whole(
    `INSERT INTO (?!${named(table)} |[\`"]?__)[\`"]?\\w+[\`"]? ?\\([^)]+\\) SELECT (?:(?! FROM ).)+ FROM ${named(table)}`,
  );

/** Returns whether the drop at `index` is part of a rebuild or a move, or drops the copy of the sequence. */
function isReviewed(statements: readonly string[], index: number, table: string): boolean {
  const before = statements.slice(0, index);
  const restored = whole(
    `UPDATE sqlite_sequence SET seq = \\(SELECT seq FROM ${named(SEQUENCE)} .+`,
  );
  if (table === SEQUENCE) {
    return before.some((statement) => restored.test(statement));
  }
  const rebuilt = table.replace(/^__old_/, '');
  if (rebuilt === table && moveOf(table).test(before.at(-1) ?? '')) {
    return true;
  }
  const start = rebuilt === table ? index - 1 : index - 4;
  const rebuild = rebuildOf(rebuilt);
  const deferred = whole('PRAGMA defer_foreign_keys ?= ?(?:on|true|1)');
  const counts = /\bAUTOINCREMENT\b/i.test(statements[start + 2] ?? '');
  const copied = whole(`CREATE TABLE ${named(SEQUENCE)} AS SELECT \\* FROM sqlite_sequence`);
  return (
    rebuild.every((pattern, i) => pattern.test(statements[start + i] ?? '')) &&
    before.some((statement) => deferred.test(statement)) &&
    (!counts ||
      (before.some((statement) => copied.test(statement)) &&
        statements.slice(index).some((statement) => restored.test(statement))))
  );
}

/**
 * Returns one sentence for each fault of a migration.
 *
 * @param queries the statements of the migration in their order.
 */
export function migrationFaults(queries: readonly string[]): string[] {
  const statements = queries
    .flatMap((query) => plain(query).split(/ ?; ?/))
    .filter((statement) => statement !== '');
  const text = statements.join(';\n');
  const faults: string[] = [];
  if (/\bTRIGGER\b/i.test(text)) {
    faults.push('It has a trigger, which D1 splits into statements at the wrong places.');
  }
  if (/\bCASCADE\b/i.test(text)) {
    faults.push('It cascades: a rebuild of the parent would delete the children silently.');
  }
  for (const [index, statement] of statements.entries()) {
    const [, table] = DROP.exec(statement) ?? [];
    const drops = /\bDROP TABLE\b/i.test(statement);
    const isDerived = table !== undefined && DERIVED.includes(table);
    if (drops && !isDerived && (table === undefined || !isReviewed(statements, index, table))) {
      faults.push(`"${statement}" is no part of the reviewed rebuild.`);
    }
  }
  return faults;
}
