import { env } from 'cloudflare:workers';
import { issueAccessToken } from '../../src/auth/access-tokens.ts';
import { type Scope, scopes } from '../../src/auth/scopes.ts';
import { newApiKey, newClientSecret, sha256 } from '../../src/auth/secrets.ts';
import { importSigningKeys } from '../../src/auth/signing-keys.ts';
import { configOf } from '../../src/config.ts';
import type { TestApi } from './api.ts';

let signingKeys: ReturnType<typeof importSigningKeys> | undefined;

/** What a test may choose of a partner's client. */
interface TestClient {
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly scopes?: readonly string[];
}

/** A partner with one client and one API key. */
export class TestPartner {
  readonly partnerId: number;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  readonly apiKey = newApiKey('test');

  constructor(partnerId: number, client: TestClient = {}) {
    this.partnerId = partnerId;
    this.clientId = client.clientId ?? crypto.randomUUID();
    this.clientSecret = client.clientSecret ?? newClientSecret();
    this.scopes = client.scopes ?? Object.keys(scopes);
  }

  /** A token of this partner's client, signed with the test's keys as the token endpoint does. */
  async token(now: number, scope: readonly Scope[] = Object.keys(scopes) as Scope[]) {
    const config = configOf(env);
    signingKeys ??= importSigningKeys(config.signingKeys);
    return issueAccessToken(await signingKeys, config.issuer, now, {
      clientId: this.clientId,
      partnerId: this.partnerId,
      scope: scope.join(' '),
      tokenId: crypto.randomUUID(),
    });
  }

  async headers(api: TestApi, scope?: readonly Scope[]): Promise<Record<string, string>> {
    const token = await this.token(api.now, scope);
    return { authorization: `Bearer ${token}`, 'x-api-key': this.apiKey };
  }
}

let lastPartner = 0;

/** Writes a new partner with its client and key. */
export async function makePartner(client: TestClient = {}): Promise<TestPartner> {
  lastPartner += 1;
  const partner = new TestPartner(lastPartner, client);
  await env.DB.batch([
    env.DB.prepare('INSERT INTO partners (id, name, created_at) VALUES (?, ?, 0)').bind(
      partner.partnerId,
      `partner ${partner.partnerId}`,
    ),
    env.DB.prepare(
      'INSERT INTO clients (id, partner_id, name, secret_sha256, scopes, created_at) VALUES (?, ?, ?, ?, ?, 0)',
    ).bind(
      partner.clientId,
      partner.partnerId,
      'test',
      await sha256(partner.clientSecret),
      partner.scopes.join(' '),
    ),
    env.DB.prepare('INSERT INTO api_keys (sha256, partner_id, created_at) VALUES (?, ?, 0)').bind(
      await sha256(partner.apiKey),
      partner.partnerId,
    ),
  ]);
  return partner;
}
