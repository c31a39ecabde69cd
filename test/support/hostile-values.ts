/** Values of headers and query parameters that make a careless parser start over at each of its characters. */
const families: Readonly<Record<string, string>> = {
  quotes: '"',
  'escaped quotes': '"\\',
  backslashes: '\\',
  'quoted elements': '"a",',
  commas: ',',
  spaces: ' ',
  'spaces and commas': ' ,',
  'percent signs': '%',
  'percent escapes': '%41',
  assignments: 'a=',
  semicolons: ';',
  'quoted parameters': ';a="',
  parentheses: '(',
  brackets: '[',
  braces: '{"a":',
  letters: 'a',
  digits: '0',
  colons: ':',
};

/** The names of all families. */
export const familyNames = Object.keys(families);

/** Returns a value of a family. It has a letter at each end, because spaces there are no part of a header. */
export function hostileValue(family: string, length: number): string {
  const part = families[family] as string;
  return `x${part.repeat(Math.ceil(length / part.length)).slice(0, length)}x`;
}

/** Returns the JSON Web Token whose header and payload contain a text. Its signature is wrong. */
export function hostileToken(text: string): string {
  const encode = (value: unknown) =>
    btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const part = encode({ [text]: [text] });
  return `${part}.${part}.${encode(text)}`;
}

/** The lengths that are compared, in characters. */
const SMALL = 8 * 1024;
const LARGE = 64 * 1024;
/**
 * Eight times the length takes eight times as long if the time is linear, and 64 times if it is quadratic. A
 * reader that takes less than `NEGLIGIBLE_MS` is not compared. A quadratic one takes more than a second.
 */
export const MAX_GROWTH = 24;
const NEGLIGIBLE_MS = 150;
/**
 * Other work of the machine slows down single runs, so the fastest of several counts. A reader that is really slow
 * exceeds `MAX_TOTAL_MS` with its first runs, and is not run again after `MIN_RUNS`.
 */
const MIN_RUNS = 5;
const MAX_RUNS = 20;
const MAX_TOTAL_MS = 1000;
const SMALL_RUNS = 3;

/**
 * Returns the shortest duration of several runs in milliseconds, because other work of the machine slows down single
 * ones. Stops at the first that takes less than `limitMs`.
 */
export async function fastestOf(work: () => Promise<unknown>, limitMs: number): Promise<number> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < MAX_RUNS && fastest >= limitMs; run++) {
    fastest = Math.min(fastest, await durationOf(work));
  }
  return fastest;
}

async function durationOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/**
 * Returns how many times as long a reader takes for a value of 64 Ki characters as for one of 8 Ki; at most
 * `MAX_GROWTH` if the time is linear. The clock of the local runtime advances while code runs.
 *
 * @param read handles a value of a given length.
 * @returns 1 if it takes next to no time for the long value.
 */
export async function growthOf(read: (length: number) => Promise<unknown>): Promise<number> {
  let small = Number.POSITIVE_INFINITY;
  let large = Number.POSITIVE_INFINITY;
  let total = 0;
  for (let run = 0; run < MAX_RUNS && (run < MIN_RUNS || total < MAX_TOTAL_MS); run++) {
    const duration = await durationOf(() => read(LARGE));
    total += duration;
    large = Math.min(large, duration);
    if (large < NEGLIGIBLE_MS) {
      return 1;
    }
    for (let smallRun = 0; smallRun < SMALL_RUNS; smallRun++) {
      small = Math.min(small, await durationOf(() => read(SMALL)));
    }
    if (large / small <= MAX_GROWTH) {
      return large / small;
    }
  }
  return large / small;
}
