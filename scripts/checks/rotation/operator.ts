import { z } from 'zod';
import { demoToken } from '../../dev/demo-token.ts';
import type { Credentials } from '../../partner/partners.ts';
import { send } from './traffic.ts';

/** A secret that the API can rotate: a member of `Credentials`. */
export type Rotated = 'client_secret' | 'api_key';

const COLLECTIONS = { client_secret: '/v2/system/clients', api_key: '/v2/system/api-keys' };
const created = z.object({ id: z.uuid(), secret: z.string() });

/** The operator of a partner's programs, who creates their credentials and rotates them. */
export interface Operator {
  /** The credentials that the programs should use now. */
  newest: Credentials;
  /**
   * Rotates a secret, which updates `newest`.
   *
   * @param overlap seconds for which the old secret stays valid.
   * @returns the old secret.
   */
  rotate(what: Rotated, overlap: number): Promise<string>;
}

/**
 * Creates a client and an API key for the programs.
 *
 * @param own the credentials of the operator, whose client has the scope `credentials:manage`.
 */
export async function operatorAt(origin: string, own: Credentials): Promise<Operator> {
  const headers = {
    authorization: `Bearer ${await demoToken(origin, own, 'credentials:manage')}`,
    'x-api-key': own.api_key,
    'content-type': 'application/json',
  };
  const post = async (path: string, body: object) => {
    const call = { method: 'POST', path, headers, body: JSON.stringify(body) } as const;
    const { status, text } = await send(origin, call);
    if (status >= 300) {
      throw new Error(`POST ${path} returned ${status}: ${text}`);
    }
    return created.parse(JSON.parse(text));
  };
  const name = 'Rotated';
  const scopes = ['prepared-tickets:read', 'prepared-tickets:write'];
  const client = await post(COLLECTIONS.client_secret, { name, scopes });
  const key = await post(COLLECTIONS.api_key, { name });
  const ids = { client_secret: client.id, api_key: key.id };
  const operator: Operator = {
    newest: { client_id: client.id, client_secret: client.secret, api_key: key.secret },
    async rotate(what, overlap) {
      const path = `${COLLECTIONS[what]}/${ids[what]}/secrets`;
      const { secret } = await post(path, { overlap_seconds: overlap });
      const before = operator.newest[what];
      operator.newest = { ...operator.newest, [what]: secret };
      return before;
    },
  };
  return operator;
}
