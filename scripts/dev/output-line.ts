/**
 * The output of wrangler, as a person reads it. The Worker logs a request as JSON, and wrangler prints a line
 * for it too; one of the two is enough.
 */

import { AWAITED_PAGE, BUILT_SITE_FILE } from '../build/missing-site.ts';

/** Matches the line that wrangler prints for a request, with its path. */
const WRANGLER_REQUEST = /^\[wrangler:info\] ([A-Z]+ (\S+) \d{3} .*?\(\d+ms\))/;
/** Matches the paths that do not pass through the Worker, so that only wrangler's line names them. */
const UNLOGGED = /^\/docs(?:[/?]|$)/;
/** Matches what wrangler prints about each build, and that it builds again because of the docs site. */
const OWN_BUILD = new RegExp(
  `^(?:\\[custom build\\] Running|\\[wrangler:info\\] .+ Parsed|The file \\S*${BUILT_SITE_FILE} changed)`,
);
/** Matches a line that the Worker logs. wrangler puts a mark before errors and warnings. */
const WORKER_LINE = /^.*?(\{"event":".*\})\s*$/;

/** A log line of the Worker, with the members that all kinds of lines have in common. */
type Line = Readonly<Record<string, unknown>> & { readonly event: string };

function parseLine(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}

function membersOf(line: Line, without: readonly string[]): string {
  return Object.entries(line)
    .filter(([name, value]) => !without.includes(name) && value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

/** Returns the line of a request: method, status, operation and duration, and what it cost in D1. */
function requestLine({ method, status, operation, duration, ...line }: Line): string {
  const cost =
    line.trips === undefined
      ? ''
      : `, ${line.trips} round trips, ${line.rows_read} rows read, ${line.rows_written} written`;
  const caller = line.partner === undefined ? '' : `, partner ${line.partner}`;
  const forced = line.forced === true ? ' (forced)' : '';
  return `${method} ${status}${forced} ${operation ?? 'no operation'}: ${duration} ms${cost}${caller}, request ${line.request_id}`;
}

/**
 * Returns a line of wrangler's output in a readable form.
 *
 * @returns the line; undefined if another line says the same.
 */
export function readableLine(text: string): string | undefined {
  const [, request, path = ''] = WRANGLER_REQUEST.exec(text) ?? [];
  if (request !== undefined) {
    // A HEAD of this page is the question of `npm run dev` whether the docs site is there.
    const isOwn = request.startsWith(`HEAD ${AWAITED_PAGE} `);
    return UNLOGGED.test(path) && !isOwn ? request : undefined;
  }
  if (OWN_BUILD.test(text)) {
    return undefined;
  }
  const line = parseLine(WORKER_LINE.exec(text)?.[1] ?? '');
  if (line === undefined) {
    return text;
  }
  if (line.event === 'request') {
    return requestLine(line);
  }
  const stack = typeof line.stack === 'string' ? `\n${line.stack}` : '';
  return `${line.event}: ${membersOf(line, ['event', 'stack'])}${stack}`;
}
