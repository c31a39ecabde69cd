import type { Cost, Measured } from './measure.ts';

/** An operation with its measurements. */
export interface Row {
  readonly name: string;
  readonly budget: Cost;
  readonly measured: readonly Measured[];
}

const figures = ['trips', 'read', 'written'] as const satisfies (keyof Cost)[];

/** Returns the request with the highest value of a figure. */
export function findWorst({ measured }: Row, figure: keyof Cost): Measured {
  return measured.reduce((a, b) => (b.cost[figure] > a.cost[figure] ? b : a));
}

/** Returns the figures in which an operation exceeds its budget. */
function over(row: Row): (keyof Cost)[] {
  return figures.filter((figure) => findWorst(row, figure).cost[figure] > row.budget[figure]);
}

/** Returns whether an operation exceeds its budget. */
export function isOver(row: Row): boolean {
  return over(row).length > 0;
}

/** Returns a line of the table: the highest cost of any request, and the request that exceeds the budget. */
function cells(row: Row): string[] {
  const [exceeded] = over(row);
  const request = exceeded && findWorst(row, exceeded).request;
  return [
    exceeded ? 'OVER' : 'ok',
    row.name,
    ...figures.map((figure) => `${findWorst(row, figure).cost[figure]} (${row.budget[figure]})`),
    Math.max(...row.measured.map(({ milliseconds }) => milliseconds)).toFixed(0),
    request ? `${request.method} ${request.path} ${JSON.stringify(request.body) ?? ''}` : '',
  ];
}

/** Formats lines of cells as columns. The first line has the names of the columns. */
export function columns(lines: readonly string[][]): string {
  const [head = []] = lines;
  const widths = head.map((_, i) => Math.max(...lines.map((line) => (line[i] as string).length)));
  return lines
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] as number))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The table of all operations, as text. */
export function table(rows: readonly Row[]): string {
  const head = ['', 'operation', 'trips', 'rows read', 'written', 'ms', 'over'];
  return columns([head, ...rows.map(cells)]);
}

/** The same table as Markdown, for docs/costs.md: exact figures only, so without milliseconds. */
export function markdownTable(rows: readonly Row[]): string {
  const lines = [
    ['operation', 'round trips', 'rows read', 'budget', 'rows written', 'budget'],
    Array.from({ length: 6 }, () => '---'),
    ...rows.map((row) => {
      const cost = (figure: keyof Cost) => findWorst(row, figure).cost[figure];
      const figures = [cost('trips'), cost('read'), row.budget.read];
      const written = [cost('written'), row.budget.written];
      return [row.name, ...[...figures, ...written].map((value) => value.toLocaleString('en'))];
    }),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}
