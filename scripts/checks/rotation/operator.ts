import { z } from 'zod';
import { demoToken } from '../../dev/demo-token.ts';
import type { Credentials } from '../../partner/partners.ts';
import { send } from './traffic.ts';

/** A secret that the API can rotate: a member of `Credentials`. */
export type Rotated = 'client_secret' | 'api_key';

const COLLECTIONS = { client_secret: '/v2/system/clients', api_key: '/v2/system/api-keys' };
const created = z.object({ id: z.uuid(), secret: z.string() });

type Post = (path: string, body: object) => Promise<z.output<typeof created>>;
type Ids = Readonly<Record<Rotated, string>>;

/** The operator of a partner's programs, who creates their credentials and rotates them. */
export class Operator {
  /** The credentials that the programs should use now. */
  newest: Credentials;
  readonly #post: Post;
  readonly #ids: Ids;

  private constructor(newest: Credentials, post: Post, ids: Ids) {
    this.newest = newest;
    this.#post = post;
    this.#ids = ids;
  }

  /**
   * Creates a client and an API key for the programs.
   *
   * @param own the credentials of the operator, whose client has the scope `credentials:manage`.
   */
  static async at(origin: string, own: Credentials): Promise<Operator> {
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
    const newest = { client_id: client.id, client_secret: client.secret, api_key: key.secret };
    return new Operator(newest, post, { client_secret: client.id, api_key: key.id });
  }

  /**
   * Rotates a secret, which updates `newest`.
   *
   * @param overlap seconds for which the old secret stays valid.
   * @returns the old secret.
   */
  async rotate(what: Rotated, overlap: number): Promise<string> {
    const path = `${COLLECTIONS[what]}/${this.#ids[what]}/secrets`;
    const rotated = await this.#post(path, { overlap_seconds: overlap });
    const before = this.newest[what];
    this.newest = { ...this.newest, [what]: rotated.secret };
    return before;
  }
}
