import { sql } from 'drizzle-orm';
import { formatDateTime } from '../../src/http/fields/date-time.ts';
import type { Context } from './context.ts';
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

const hostView = ({ host, created_at }: HostRow): HostView => ({
  host,
  denied_since: formatDateTime(created_at),
});

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

/** Blocks webhooks to a host and to all hosts below it. A host that is denied already keeps its time. */
export async function denyHost(host: string, { db, where, now }: Context): Promise<Outcome> {
  const { hosts, concerned } = await db.write({
    deny: sql<never>`INSERT INTO denied_hosts (host, created_at) VALUES (${host}, ${now})
      ON CONFLICT DO NOTHING`,
    hosts: sql<HostRow>`SELECT host, created_at FROM denied_hosts WHERE host = ${host}`,
    concerned: concernedBy(host),
  });
  const [view] = hosts.map(hostView);
  return {
    heading: `Denied in the ${where} database, with all hosts below it. Each attempt that would go there fails from now on. ${sentenceOf(concerned)}`,
    ...{ partners: [], hosts: view === undefined ? [] : [view], json: { ...view, concerned } },
  };
}

/** Lets a host receive webhooks again. */
export async function allowHost(host: string, { db, where }: Context): Promise<Outcome> {
  const { above } = await db.write({
    allow: sql<never>`DELETE FROM denied_hosts WHERE host = ${host}`,
    above: sql<HostRow>`SELECT host, created_at FROM denied_hosts
      WHERE ${host} LIKE '%.' || host ORDER BY host`,
  });
  const hosts = above.map(hostView);
  const still =
    hosts.length === 0 ? '' : ' It still receives no webhook, because a domain above it is denied:';
  return {
    heading: `The ${where} database no longer denies the host.${still}`,
    ...{ partners: [], hosts, json: { host, still_denied_by: hosts } },
  };
}

/** Lists the denied hosts. */
export async function listHosts({ db, where }: Context): Promise<Outcome> {
  const { rows } = await db.read({
    rows: sql<HostRow>`SELECT host, created_at FROM denied_hosts ORDER BY host`,
  });
  const hosts = rows.map(hostView);
  const heading =
    hosts.length === 0
      ? `The ${where} database denies no host.`
      : `The ${where} database denies these hosts, with all hosts below them:`;
  return { heading, partners: [], hosts, json: { hosts } };
}
