import { expect } from 'vitest';
import { isWellFormedApiKey, isWellFormedClientSecret } from '../../src/auth/secrets.ts';
import { type TestApi, TICKETS } from './api.ts';
import { TestPartner } from './partners.ts';
import { basic, requestToken } from './token-requests.ts';

/** A client or an API key as the API returns it. */
export interface Credential {
  readonly id: string;
  readonly name: string;
  /** The scopes of a client; undefined for an API key. */
  readonly scopes?: readonly string[];
  readonly created_at: string;
  readonly last_used_at: string | null;
  readonly expires_at: string | null;
  readonly disabled: boolean;
  readonly retired_secret_expires_at: string | null;
}

/** A client or an API key with one of its secrets. */
export interface Made {
  readonly id: string;
  readonly secret: string;
}

/** The members that a partner can set. */
type Chosen = Partial<Pick<Credential, 'name' | 'scopes' | 'expires_at' | 'disabled'>>;

/** Clients or API keys. Tests use the common methods for both; the abstract members state the differences. */
export abstract class CredentialKind {
  abstract readonly name: string;
  abstract readonly names: string;
  abstract readonly path: string;
  /** Returns whether a text has the form and the checksum of a secret. */
  abstract readonly isWellFormed: (secret: string) => boolean;
  /** Returns the partner with this credential in place of its first one of the same kind. */
  abstract caller(partner: TestPartner, made: Made): TestPartner;
  /** Returns the credential that authenticates the partner's own requests. */
  abstract usedBy(partner: TestPartner): Made;
  /** Sends a request that contains the secret itself. */
  abstract trySecret(api: TestApi, partner: TestPartner, made: Made): Promise<Response>;

  pathOf({ id }: Pick<Made, 'id'>): string {
    return `${this.path}/${id}`;
  }

  async secretOf(response: Response): Promise<Made> {
    expect(response.status, await response.clone().text()).toBe(201);
    const { id, secret } = await response.clone().json<Made>();
    return { id, secret };
  }

  async make(api: TestApi, as: TestPartner, chosen: Chosen = {}): Promise<Made> {
    return this.secretOf(await api.post(this.path, as, { name: 'Workshop', ...chosen }));
  }

  async rotate(api: TestApi, as: TestPartner, made: Made, overlap_seconds: number): Promise<Made> {
    const path = `${this.pathOf(made)}/secrets`;
    return this.secretOf(await api.post(path, as, { overlap_seconds }));
  }

  async read(api: TestApi, as: TestPartner, made: Pick<Made, 'id'>): Promise<Credential> {
    const response = await api.get(this.pathOf(made), as);
    expect(response.status).toBe(200);
    return response.json<Credential>();
  }

  /** Updates the given members and keeps the others. */
  async change(api: TestApi, as: TestPartner, made: Pick<Made, 'id'>, chosen: Chosen) {
    const body = { ...(await this.read(api, as, made)), ...chosen };
    const response = await api.put(this.pathOf(made), as, body);
    expect(response.status).toBe(200);
    return response.json<Credential>();
  }

  async total(api: TestApi, as: TestPartner): Promise<number> {
    return (await (await api.get(this.path, as)).json<{ total: number }>()).total;
  }
}

class Clients extends CredentialKind {
  readonly name = 'client';
  readonly names = 'clients';
  readonly path = '/v2/system/clients';
  readonly isWellFormed = isWellFormedClientSecret;

  caller({ partnerId, apiKey, apiKeyId }: TestPartner, { id, secret }: Made) {
    return new TestPartner(partnerId, { clientId: id, clientSecret: secret, apiKey, apiKeyId });
  }

  usedBy({ clientId, clientSecret }: TestPartner) {
    return { id: clientId, secret: clientSecret };
  }

  trySecret(api: TestApi, _partner: TestPartner, { id, secret }: Made) {
    return requestToken(api, basic({ clientId: id, clientSecret: secret }));
  }
}

class ApiKeys extends CredentialKind {
  readonly name = 'API key';
  readonly names = 'API keys';
  readonly path = '/v2/system/api-keys';
  readonly isWellFormed = isWellFormedApiKey;

  caller({ partnerId, clientId, clientSecret }: TestPartner, { id, secret }: Made) {
    return new TestPartner(partnerId, { clientId, clientSecret, apiKey: secret, apiKeyId: id });
  }

  usedBy({ apiKeyId, apiKey }: TestPartner) {
    return { id: apiKeyId, secret: apiKey };
  }

  trySecret(api: TestApi, partner: TestPartner, made: Made) {
    return api.get(TICKETS, this.caller(partner, made));
  }
}

export const clients: CredentialKind = new Clients();
export const apiKeys: CredentialKind = new ApiKeys();
export const kinds = [clients, apiKeys];
