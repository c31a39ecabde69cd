import { type SQL, sql } from 'drizzle-orm';
import { type Owned, ownedSql } from '../../src/db/owned.ts';
import { deleteStatements, recordOperation } from '../../src/resources/system/owned.repository.ts';
import { disablingStatements } from '../../src/resources/system/webhook-endpoints/delivery/delivery.repository.ts';
import { webhookEndpoint } from '../../src/resources/system/webhook-endpoints/webhook-endpoints.repository.ts';
import {
  allPlaces,
  askReachableHomes,
  homeWith,
  lacking,
  noteOn,
  placeOf,
} from './across-homes.ts';
import type { Context } from './context.ts';
import { type EndpointRow, endpointsWhere, endpointView } from './endpoint-view.ts';
import { NotPossible } from './failure.ts';
import { byOperator, partnerId, partnerNamed, requirePartner } from './rows.ts';
import type { Outcome } from './view.ts';

/** The webhook endpoints that a command selects: all, those of a partner, or the one with an id. */
export interface EndpointTarget {
  /** The name of a partner. */
  readonly partner?: string;
  readonly endpoint?: string;
}

/** Returns the condition that an endpoint is one of those that a command selects. */
function conditionOf({ partner, endpoint }: EndpointTarget): Owned {
  const ofPartner = partner === undefined ? sql`true` : sql`partner_id = ${partnerId(partner)}`;
  return byOperator(endpoint === undefined ? ofPartner : sql`${ofPartner} AND id = ${endpoint}`);
}

/** Returns the statement that finds the home with what a command selects; undefined if it selects all endpoints. */
function wantedBy({ partner, endpoint }: EndpointTarget): SQL | undefined {
  if (partner !== undefined) {
    return partnerNamed(partner);
  }
  return endpoint === undefined
    ? undefined
    : sql`SELECT id FROM webhook_endpoints WHERE id = ${endpoint}`;
}

const ownerOf = ({ partner }: EndpointTarget) =>
  partner === undefined ? undefined : partnerNamed(partner);

/**
 * Lists the webhook endpoints of all partners, or those that are selected.
 *
 * @throws NotPossible if no partner has that name, or no endpoint that id.
 */
export async function listEndpoints(target: EndpointTarget, context: Context): Promise<Outcome> {
  const wanted = wantedBy(target);
  const homes = wanted === undefined ? context.homes : ([await homeWith(wanted, context)] as const);
  const { answers, silent } = await askReachableHomes({ homes }, (db) =>
    db.read({ owner: ownerOf(target), found: endpointsWhere(conditionOf(target)) }),
  );
  const owner = answers[0]?.answer.owner;
  const found = answers.flatMap(({ answer }) => answer.found);
  if (target.partner !== undefined) {
    requirePartner(owner?.[0]);
  }
  if (target.endpoint !== undefined) {
    requireOne(found);
  }
  const endpoints = found.map(endpointView);
  const places = wanted === undefined ? allPlaces(context) : placeOf(homes[0], context);
  const heading =
    endpoints.length === 0 ? `There are no such webhook endpoints in ${places}.` : `In ${places}:`;
  return {
    heading: `${heading}${noteOn(silent)}`,
    ...{ partners: [], endpoints, json: { endpoints, ...lacking(silent) } },
  };
}

/** Returns the one selected endpoint. @throws NotPossible unless there is exactly one. */
function requireOne(found: readonly EndpointRow[]): EndpointRow {
  const [one, ...others] = found;
  if (one === undefined) {
    throw new NotPossible('There is no such webhook endpoint. Run `endpoints list` to see all.');
  }
  if (others.length > 0) {
    throw new NotPossible(
      `The partner has ${found.length} webhook endpoints. Add --endpoint with one of the ids that \`endpoints list\` shows.`,
    );
  }
  return one;
}

/** What a command does to an endpoint: its statements, and how the outcome begins. */
interface EndpointChange {
  /** Returns the statements, of which the first ones record the change. @param one selects the one endpoint. */
  statements(one: Owned, now: number): Readonly<Record<string, SQL>>;
  /** Returns the heading of the outcome. */
  heading(place: string): string;
}

const changes = {
  disable: {
    statements: (one, now) => {
      const applies = ownedSql`${one} AND disabled_reason IS NOT 'operator'`;
      return disablingStatements(applies, 'operator', now);
    },
    heading: (place) =>
      `Disabled in ${place}. An attempt that has begun can still arrive, and no other one begins. The partner cannot enable the endpoint.`,
  },
  enable: {
    statements: (one, now) => {
      const applies = sql`${one} AND disabled_at IS NOT NULL`;
      return {
        record: recordOperation(webhookEndpoint, 'updated', applies, now),
        change: sql`UPDATE webhook_endpoints SET disabled_at = NULL, disabled_reason = NULL,
            failed_attempts = 0, next_attempt_at = NULL, version = version + 1
          WHERE ${applies}`,
      };
    },
    heading: (place) =>
      `Enabled in ${place}. The deliveries continue within two minutes with the event at which they stopped.`,
  },
  delete: {
    statements: (one, now) => ({
      record: recordOperation(webhookEndpoint, 'deleted', one, now),
      ...deleteStatements(webhookEndpoint, one),
    }),
    heading: (place) =>
      `Deleted from ${place}. An attempt that has begun can still arrive, and no other one begins.`,
  },
} satisfies Record<string, EndpointChange>;

/**
 * Disables, enables or deletes one webhook endpoint. The statements write nothing unless exactly one is selected.
 *
 * @throws NotPossible if no partner has that name, or if not exactly one endpoint is selected.
 */
export async function changeEndpoint(
  name: keyof typeof changes,
  target: EndpointTarget,
  context: Context,
): Promise<Outcome> {
  // The command line requires an endpoint or a partner.
  const db = await homeWith(wantedBy(target) as SQL, context);
  const { statements, heading }: EndpointChange = changes[name];
  const selected = conditionOf(target);
  const one = ownedSql`${selected} AND (SELECT count(*) FROM webhook_endpoints WHERE ${selected}) = 1`;
  const { owner, found, after } = await db.write({
    owner: ownerOf(target),
    found: endpointsWhere(selected),
    ...statements(one, context.now),
    after: endpointsWhere(selected),
  });
  if (target.partner !== undefined) {
    requirePartner(owner?.[0]);
  }
  const before = requireOne(found);
  const endpoint = endpointView(after[0] ?? before);
  return {
    heading: heading(placeOf(db, context)),
    partners: [],
    endpoints: [endpoint],
    json: endpoint,
  };
}
