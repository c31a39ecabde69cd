import { sql } from 'drizzle-orm';
import { formatDateTime } from '../../src/http/fields/date-time.ts';
import {
  allPlaces,
  askHomes,
  askReachableHomes,
  lacking,
  namesOf,
  noteOn,
  reasonsOf,
} from './across-homes.ts';
import type { Context, HomeDatabase } from './context.ts';
import { DatabaseFailed } from './failure.ts';
import { counted, type HostView, type Outcome } from './view.ts';

/** A denied host as it is stored. The time is in milliseconds since 1970. */
interface HostRow {
  readonly host: string;
  readonly created_at: number;
}

/** The endpoints of a partner that a denied host concerns. */
interface Concerned {
  /** The name of the partner. */
  readonly partner: string;
  readonly endpoints: number;
}

/** The rows that the database of a home returned. */
interface RowsOfHome {
  readonly db: HomeDatabase;
  readonly rows: readonly HostRow[];
}

/** Converts rows to views: one for each host, with the homes that deny it and the time of the first denial. */
function hostViews(found: readonly RowsOfHome[]): HostView[] {
  const all = found.flatMap(({ db, rows }) => rows.map((row) => ({ ...row, home: db.home.name })));
  const ofHost = Map.groupBy(all, ({ host }) => host);
  return [...ofHost.keys()].toSorted().map((host) => {
    const rows = ofHost.get(host) ?? [];
    const since = Math.min(...rows.map(({ created_at }) => created_at));
    return { host, denied_since: formatDateTime(since), homes: rows.map(({ home }) => home) };
  });
}

/**
 * Writes to every home. The lists of the homes are equal as long as each change reaches all of them.
 *
 * @throws DatabaseFailed if a home does not answer. It names the homes that have the change.
 */
async function writeEverywhere<T>(
  homes: Context['homes'],
  write: (db: HomeDatabase) => Promise<T>,
): Promise<readonly { readonly db: HomeDatabase; readonly answer: T }[]> {
  const { answers, silent } = await askHomes(homes, write);
  if (silent.length === 0) {
    return answers;
  }
  const done = namesOf(answers.map(({ db }) => db));
  const others = done === '' ? '' : `\nThese homes have the change: ${done}. Repeat the command.`;
  throw new DatabaseFailed(`${reasonsOf(silent)}${others}`);
}

/**
 * SQL for the host of the URL of an endpoint, in lower case. A URL is stored as it was written: after `https://`, the
 * host ends before a colon, a slash, a question mark or the end.
 */
const hostOfUrl = sql`lower(substr(rest, 1, instr(rest, '/') - 1))`;

/** Returns the statement that counts the endpoints of each partner whose URLs have a host, or one below it. */
const concernedBy = (host: string) =>
  sql<Concerned>`SELECT name AS partner, count(*) AS endpoints
    FROM (SELECT partner_id, replace(replace(substr(url, length('https://') + 1), '?', '/'), ':', '/') || '/' AS rest
        FROM webhook_endpoints) AS endpoint
      JOIN partners ON partners.id = partner_id
    WHERE ${hostOfUrl} = ${host} OR ${hostOfUrl} LIKE ${`%.${host}`}
    GROUP BY partner_id ORDER BY partner_id`;

/** Returns a sentence about the endpoints that a denied host concerns. */
function sentenceOf(concerned: readonly Concerned[]): string {
  const endpoints = concerned.reduce((sum, each) => sum + each.endpoints, 0);
  if (endpoints === 0) {
    return 'This concerns no webhook endpoint.';
  }
  const names = concerned.map((each) => `"${each.partner}" (${each.endpoints})`).join(', ');
  return `This concerns ${counted(endpoints, 'webhook endpoint')} of ${counted(concerned.length, 'partner')}: ${names}.`;
}

/** Blocks webhooks to a host and to all hosts below it, in every home. A host that is denied already keeps its time. */
export async function denyHost(host: string, context: Context): Promise<Outcome> {
  const written = await writeEverywhere(context.homes, (db) =>
    db.write({
      deny: sql<never>`INSERT INTO denied_hosts (host, created_at) VALUES (${host}, ${context.now})
        ON CONFLICT DO NOTHING`,
      hosts: sql<HostRow>`SELECT host, created_at FROM denied_hosts WHERE host = ${host}`,
      concerned: concernedBy(host),
    }),
  );
  const hosts = hostViews(written.map(({ db, answer }) => ({ db, rows: answer.hosts })));
  const concerned = written.flatMap(({ answer }) => answer.concerned);
  return {
    heading: `Denied in ${allPlaces(context)}, with all hosts below it. Each attempt that would go there fails from now on. ${sentenceOf(concerned)}`,
    ...{ partners: [], hosts, json: { ...hosts[0], concerned } },
  };
}

/** Lets a host receive webhooks again, in every home. */
export async function allowHost(host: string, context: Context): Promise<Outcome> {
  const written = await writeEverywhere(context.homes, (db) =>
    db.write({
      allow: sql<never>`DELETE FROM denied_hosts WHERE host = ${host}`,
      above: sql<HostRow>`SELECT host, created_at FROM denied_hosts
        WHERE ${host} LIKE '%.' || host`,
    }),
  );
  const hosts = hostViews(written.map(({ db, answer }) => ({ db, rows: answer.above })));
  const still =
    hosts.length === 0 ? '' : ' It still receives no webhook, because a domain above it is denied:';
  return {
    heading: `The host is no longer denied in ${allPlaces(context)}.${still}`,
    ...{ partners: [], hosts, json: { host, still_denied_by: hosts } },
  };
}

/** Lists the hosts that any home denies, and names the homes that do not answer. */
export async function listHosts(context: Context): Promise<Outcome> {
  const { answers, silent } = await askReachableHomes(context, (db) =>
    db.read({ rows: sql<HostRow>`SELECT host, created_at FROM denied_hosts` }),
  );
  const hosts = hostViews(answers.map(({ db, answer }) => ({ db, rows: answer.rows })));
  const isEverywhere = hosts.every(({ homes }) => homes.length === answers.length);
  const differ = isEverywhere ? '' : ' Deny a host again to deny it in every home.';
  const heading =
    hosts.length === 0
      ? `No host is denied in ${allPlaces(context)}.`
      : `These hosts are denied in ${allPlaces(context)}, with all hosts below them.${differ}`;
  return {
    heading: `${heading}${noteOn(silent)}`,
    ...{ partners: [], hosts, json: { hosts, ...lacking(silent) } },
  };
}
