import { z } from 'zod';
import type { Credentials } from '../../partner/partners.ts';
import { ask, tokenCall, tokenOf } from './send.ts';

/** What can be rotated by the API: members of `Credentials`, and of its answers. */
export type Rotated = 'client_secret' | 'api_key';

const COLLECTIONS = { client_secret: '/v2/system/clients', api_key: '/v2/system/api-keys' };
const answer = z.object({
  id: z.uuid(),
  client_secret: z.string().optional(),
  api_key: z.string().optional(),
});

type Post = (path: string, body: object) => Promise<z.output<typeof answer>>;
type Ids = Readonly<Record<Rotated, string>>;

/** Who runs the programs of a partner: has credentials made for them, and rotates these. */
export class Operator {
  /** What the programs should use now. */
  newest: Credentials;
  readonly #post: Post;
  readonly #ids: Ids;

  private constructor(newest: Credentials, post: Post, ids: Ids) {
    this.newest = newest;
    this.#post = post;
    this.#ids = ids;
  }

  /** @param own what the operator itself calls with: of a client that may manage credentials. */
  static async at(origin: string, own: Credentials): Promise<Operator> {
    const grant = tokenCall(own.client_id, own.client_secret, 'credentials:manage');
    const headers = {
      authorization: `Bearer ${tokenOf(await ask(origin, grant))}`,
      'x-api-key': own.api_key,
      'content-type': 'application/json',
    };
    const post = async (path: string, body: object) => {
      const call = { method: 'POST', path, headers, body: JSON.stringify(body) } as const;
      return answer.parse(JSON.parse(await ask(origin, call)));
    };
    const name = 'Rotated';
    const scopes = ['prepared-tickets:read', 'prepared-tickets:write'];
    const client = await post(COLLECTIONS.client_secret, { name, scopes });
    const key = await post(COLLECTIONS.api_key, { name });
    const newest = {
      client_id: client.id,
      client_secret: client.client_secret as string,
      api_key: key.api_key as string,
    };
    return new Operator(newest, post, { client_secret: client.id, api_key: key.id });
  }

  /**
   * Has a new secret made, which is the newest from then on.
   *
   * @param overlap seconds for which the one before stays valid.
   * @returns the one before.
   */
  async rotate(what: Rotated, overlap: number): Promise<string> {
    const path = `${COLLECTIONS[what]}/${this.#ids[what]}/secrets`;
    const rotated = await this.#post(path, { overlap_seconds: overlap });
    const before = this.newest[what];
    this.newest = { ...this.newest, [what]: rotated[what] as string };
    return before;
  }
}
