import { env } from 'cloudflare:workers';
import { issueAccessToken } from '../../src/auth/access-tokens.ts';
import { scopes } from '../../src/auth/scopes.ts';
import { newApiKey, newClientSecret, sha256 } from '../../src/auth/secrets.ts';
import { configOf, signingKeysOf } from '../../src/config.ts';
import { type PartnerId, partnerIdOfOperator } from '../../src/db/partner-id.ts';
import type { Scope } from '../../src/policy.ts';
import { cursorOfFeed, feedScope } from '../../src/resources/system/events/feed-place.ts';
import {
  newWebhookSecret,
  sealSecret,
} from '../../src/resources/system/webhook-endpoints/secrets.ts';
import { alone } from './d1.ts';
import { databaseOf, homeOf, nextPartnerId, type TestHome } from './homes.ts';
import { START } from './start.ts';

/** The properties of a partner's credentials that a test can choose. */
export interface TestClient {
  /** The home of the partner. By default the partners of a test live in the homes by turns. */
  readonly home?: TestHome;
  /** The name of the partner. The default contains its id. */
  readonly partnerName?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly scopes?: readonly string[];
  readonly apiKey?: string;
  readonly apiKeyId?: string;
  /** When the client and the API key were last used. The default is so recent that no use is recorded while the test clock stands still. */
  readonly lastUsedAt?: number | null;
}

/** A partner with one client and one API key. */
export class TestPartner {
  readonly partnerId: PartnerId;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  readonly apiKey: string;
  readonly apiKeyId: string;
  /** The cursor of the beginning of the partner's feed; `makePartner` sets it. */
  cursor = '';

  readonly #tokens = new Map<string, Promise<string>>();

  constructor(partnerId: number, client: TestClient = {}) {
    this.partnerId = partnerIdOfOperator(partnerId);
    this.clientId = client.clientId ?? crypto.randomUUID();
    this.clientSecret = client.clientSecret ?? newClientSecret(homeOf({ partnerId }));
    this.scopes = client.scopes ?? Object.keys(scopes);
    this.apiKey = client.apiKey ?? newApiKey('test');
    this.apiKeyId = client.apiKeyId ?? crypto.randomUUID();
  }

  /** Issues a token of this partner's client with the keys of the tests, like the token endpoint. */
  async token(now: number, scope: readonly Scope[] = Object.keys(scopes) as Scope[]) {
    const config = configOf(env);
    return issueAccessToken(await signingKeysOf(config), config.issuer, now, {
      clientId: this.clientId,
      partnerId: this.partnerId,
      scope: scope.join(' '),
      tokenId: crypto.randomUUID(),
    });
  }

  /**
   * Returns the headers that authenticate a request. While the clock stands still, the token is reused,
   * because signing and verifying one costs more than most requests.
   *
   * @param clock the API whose clock dates the token, in milliseconds since 1970.
   */
  async headers(
    clock: { readonly now: number },
    scope?: readonly Scope[],
  ): Promise<Record<string, string>> {
    const name = `${clock.now} ${scope}`;
    const token = this.#tokens.get(name) ?? this.token(clock.now, scope);
    this.#tokens.set(name, token);
    return { authorization: `Bearer ${await token}`, 'x-api-key': this.apiKey };
  }
}

/** Returns the cursor of a place in the feed of a partner. */
export const feedCursor = (partnerId: number, sequence: number) =>
  cursorOfFeed(feedScope(partnerId, { expected: '' }), { epoch: 1, sequence });

/**
 * Inserts another client, another API key and a webhook endpoint of a partner, all with the same id. They
 * authenticate no request, so a test can change them. They have the values of the examples in the document, and
 * so has the only delivery of the endpoint.
 */
export async function makeSpare(
  { partnerId }: Pick<TestPartner, 'partnerId'>,
  id: string = crypto.randomUUID(),
  batch = alone,
) {
  const database = databaseOf({ partnerId });
  await batch(database, [
    database
      .prepare(
        `INSERT INTO clients (id, partner_id, name, secret_sha256, scopes, created_at)
       VALUES (?, ?, 'Workshop Berlin', ?, 'prepared-tickets:read prepared-tickets:write', ?)`,
      )
      .bind(id, partnerId, await sha256(`client ${id}`), START),
    database
      .prepare(
        `INSERT INTO api_keys (sha256, partner_id, created_at, id, name) VALUES (?, ?, ?, ?, 'Production')`,
      )
      .bind(await sha256(`key ${id}`), partnerId, START, id),
    database
      .prepare(
        `INSERT INTO webhook_endpoints (id, partner_id, created_at, url, description, consented_url, event_types,
         secret, position, newest_delivery)
       SELECT ?1, ?2, ?3, 'https://hooks.garage.example/tickets', 'Workshop Berlin',
         'https://hooks.garage.example/tickets', '["prepared_ticket.picked_up"]', ?4, coalesce(max(sequence), 0), 1
       FROM events WHERE partner_id = ?2`,
      )
      .bind(
        ...[id, partnerId, START],
        await sealSecret(configOf(env).sealingKeys, id, newWebhookSecret()),
      ),
    database
      .prepare(
        `INSERT INTO webhook_deliveries (endpoint_id, number, event_id, event_type, sequence, attempt,
         attempted_at, duration_ms, status, error)
       VALUES (?, 1, '1f0c9f5e-6b1a-4c1e-9a59-0e6a4f0c8d21', 'prepared_ticket.picked_up', 1, 1, ?, 120, 204, NULL)`,
      )
      .bind(id, Date.parse('2026-03-01T12:00:00Z')),
  ]);
  return id;
}

/** Sets the time at which a partner reached a quota, as the cron trigger does. */
const reach = (column: string) => async (partner: TestPartner) => {
  await databaseOf(partner)
    .prepare(`UPDATE partners SET ${column} = ? WHERE id = ?`)
    .bind(START, partner.partnerId)
    .run();
};

/** Makes a partner full, as the cron trigger does when it has as many prepared tickets as its quota allows. */
export const fill = reach('full_at');

/** Makes a partner full of product lines, as the cron trigger does when it has as many as its quota allows. */
export const fillLines = reach('lines_full_at');

/** Returns a partner that is not in the database yet. */
export function nextPartner(client: TestClient = {}): TestPartner {
  return new TestPartner(nextPartnerId(client.home), client);
}

/** Inserts a new partner with a client and an API key. */
export async function makePartner(
  client: TestClient = {},
  batch = alone,
  partner = nextPartner(client),
): Promise<TestPartner> {
  partner.cursor = await feedCursor(partner.partnerId, 0);
  const { lastUsedAt = START } = client;
  const database = databaseOf(partner);
  await batch(database, [
    database
      .prepare('INSERT INTO partners (id, name, created_at) VALUES (?, ?, 0)')
      .bind(partner.partnerId, client.partnerName ?? `partner ${partner.partnerId}`),
    database
      .prepare(
        `INSERT INTO clients (id, partner_id, name, secret_sha256, scopes, created_at, last_used_at)
       VALUES (?, ?, 'Administration', ?, ?, 0, ?)`,
      )
      .bind(
        partner.clientId,
        partner.partnerId,
        await sha256(partner.clientSecret),
        partner.scopes.join(' '),
        lastUsedAt,
      ),
    database
      .prepare(
        `INSERT INTO api_keys (sha256, partner_id, created_at, id, name, last_used_at)
       VALUES (?, ?, 0, ?, 'Administration', ?)`,
      )
      .bind(await sha256(partner.apiKey), partner.partnerId, partner.apiKeyId, lastUsedAt),
  ]);
  return partner;
}
