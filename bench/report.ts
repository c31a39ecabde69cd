import type { Cost, Measured } from './measure.ts';

/** An operation with all that was measured of it. */
export interface Row {
  readonly name: string;
  readonly budget: Cost;
  readonly measured: readonly Measured[];
}

const figures = ['trips', 'read', 'written'] as const satisfies (keyof Cost)[];

/** The request that cost the most of a figure. */
export function dearest({ measured }: Row, figure: keyof Cost): Measured {
  return measured.reduce((a, b) => (b.cost[figure] > a.cost[figure] ? b : a));
}

/** The figures in which an operation is over its budget. */
function over(row: Row): (keyof Cost)[] {
  return figures.filter((figure) => dearest(row, figure).cost[figure] > row.budget[figure]);
}

export function isOver(row: Row): boolean {
  return over(row).length > 0;
}

/** A line of the table: the most that any request cost, and which one was over the budget. */
function cells(row: Row): string[] {
  const [worst] = over(row);
  const request = worst && dearest(row, worst).request;
  return [
    worst ? 'OVER' : 'ok',
    row.name,
    ...figures.map((figure) => `${dearest(row, figure).cost[figure]} (${row.budget[figure]})`),
    Math.max(...row.measured.map(({ milliseconds }) => milliseconds)).toFixed(0),
    request ? `${request.method} ${request.path} ${JSON.stringify(request.body) ?? ''}` : '',
  ];
}

/** Lines of cells in columns, as text; the first line names the columns. */
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
