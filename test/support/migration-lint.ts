/**
 * What a migration must not do, because SQLite would lose rows over it, or D1 would split it wrongly.
 * A table may be dropped in two ways only. One is the reviewed rebuild, whose statements follow each
 * other:
 *
 *     PRAGMA defer_foreign_keys = on
 *     CREATE TABLE `__old_t` AS SELECT * FROM `t`
 *     DROP TABLE `t`
 *     CREATE TABLE `t` (…)
 *     INSERT INTO `t` (…) SELECT … FROM `__old_t`
 *     DROP TABLE `__old_t`
 *
 * D1 keeps foreign keys on, whatever drizzle-kit's `PRAGMA foreign_keys=OFF` says. Each row that comes
 * back makes up for one that was dropped; a copy that is renamed, as drizzle-kit writes it, would not.
 * Or all of its rows have just moved into another table, by a statement that stands before the drop:
 *
 *     INSERT INTO `other` (…) SELECT … FROM `t`
 *     DROP TABLE `t`
 *
 * A table with AUTOINCREMENT would forget the highest number that it handed out, so around it stand
 *
 *     CREATE TABLE `__old_sequence` AS SELECT * FROM sqlite_sequence
 *     UPDATE sqlite_sequence SET seq = (SELECT seq FROM `__old_sequence` WHERE name = 't') WHERE name = 't'
 *     DROP TABLE `__old_sequence`
 */

const DROP = /^DROP TABLE [`"]?(\w+)[`"]?$/i;
const SEQUENCE = '__old_sequence';

/** One line of SQL without comments and texts, in which words are one blank apart. */
function plain(statement: string): string {
  return statement
    .replaceAll(/'(?:[^']|'')*'/g, "''")
    .replaceAll(/--[^\n]*|\/\*.*?\*\//gs, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

const named = (name: string) => `[\`"]?${name}[\`"]?`;
const whole = (...parts: string[]) => new RegExp(`^${parts.join(' ')}$`, 'i');

/** The statements of a rebuild, the second of which drops the table. */
function rebuildOf(table: string): RegExp[] {
  const [present, old] = [named(table), named(`__old_${table}`)];
  return [
    whole(`CREATE TABLE ${old} AS SELECT \\* FROM ${present}`),
    whole(`DROP TABLE ${present}`),
    whole(`CREATE TABLE ${present} ?\\(.+`),
    // Every row: a condition would leave some behind.
    whole(`INSERT INTO ${present} ?\\([^)]+\\) SELECT (?:(?! FROM ).)+ FROM ${old}`),
    whole(`DROP TABLE ${old}`),
  ];
}

/**
 * The statement that moves every row of a table into another one that stays. A condition would leave
 * some rows behind.
 */
const moveOf = (table: string) =>
  whole(
    `INSERT INTO (?!${named(table)} |[\`"]?__)[\`"]?\\w+[\`"]? ?\\([^)]+\\) SELECT (?:(?! FROM ).)+ FROM ${named(table)}`,
  );

/** Whether the drop at `index` is one of the two that a rebuild has, or of the copy of the sequence. */
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
 * What is wrong with a migration, a sentence each.
 *
 * @param queries its statements, in order.
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
    if (drops && (table === undefined || !isReviewed(statements, index, table))) {
      faults.push(`"${statement}" is no part of the reviewed rebuild.`);
    }
  }
  return faults;
}
