import type { Cost, Measured } from './measure.ts';

/** Measurements and what they may be. */
interface Held {
  readonly budget: Cost;
  readonly measured: readonly Measured[];
}

/** An operation with its measurements. */
export interface Row extends Held {
  readonly name: string;
  /** Those of a caller whom the isolate has not seen; undefined for one that is refused. */
  readonly unseen?: Held;
}

const figures = ['trips', 'read', 'written'] as const satisfies (keyof Cost)[];

/** Returns the request with the highest value of a figure. */
export function findWorst({ measured }: Pick<Held, 'measured'>, figure: keyof Cost): Measured {
  return measured.reduce((a, b) => (b.cost[figure] > a.cost[figure] ? b : a));
}

/** Returns the figures in which an operation exceeds its budget. */
function over(held: Held): (keyof Cost)[] {
  return figures.filter((figure) => findWorst(held, figure).cost[figure] > held.budget[figure]);
}

/** Returns the measurements of an operation, by the name of a line: of a caller that was seen, and of one that was not. */
function linesOf(row: Row): [name: string, held: Held][] {
  const { name, unseen } = row;
  return [[name, row], ...(unseen ? [[`${name}, unseen`, unseen] as [string, Held]] : [])];
}

/** Returns whether an operation exceeds its budget. */
export function isOver(row: Row): boolean {
  return linesOf(row).some(([, held]) => over(held).length > 0);
}

/** Returns a line of the table: the highest cost of any request, and the request that exceeds the budget. */
function cells([name, held]: [string, Held]): string[] {
  const [exceeded] = over(held);
  const request = exceeded && findWorst(held, exceeded).request;
  return [
    exceeded ? 'OVER' : 'ok',
    name,
    ...figures.map((figure) => `${findWorst(held, figure).cost[figure]} (${held.budget[figure]})`),
    Math.max(...held.measured.map(({ milliseconds }) => milliseconds)).toFixed(0),
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
  return columns([head, ...rows.flatMap(linesOf).map(cells)]);
}

/** The same table as Markdown, for docs/costs.md: exact figures only, so without milliseconds. */
export function markdownTable(rows: readonly Row[]): string {
  const lines = [
    [
      'operation',
      'round trips',
      'rows read',
      'budget',
      'unseen',
      'budget',
      'rows written',
      'budget',
    ],
    Array.from({ length: 8 }, () => '---'),
    ...rows.map((row) => {
      const { name, unseen } = row;
      const cost = (figure: keyof Cost) =>
        Math.max(...linesOf(row).map(([, held]) => findWorst(held, figure).cost[figure]));
      const figures = [
        ...[cost('trips'), findWorst(row, 'read').cost.read, row.budget.read],
        ...(unseen ? [findWorst(unseen, 'read').cost.read, unseen.budget.read] : ['', '']),
        ...[cost('written'), row.budget.written],
      ];
      return [name, ...figures.map((value) => value.toLocaleString('en'))];
    }),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}
