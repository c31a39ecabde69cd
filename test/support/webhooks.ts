import { env } from 'cloudflare:workers';
import { Webhook } from 'standardwebhooks';
import { expect } from 'vitest';
import { configOf } from '../../src/config.ts';
import { Cost } from '../../src/db/cost.ts';
import { isVerified, rememberVerified } from '../../src/db/identity.ts';
import { databaseOf as bindingOf, type Home, openDatabase } from '../../src/homes.ts';
import { deliverDue } from '../../src/resources/system/webhook-endpoints/delivery/deliver.ts';
import {
  newWebhookSecret,
  sealSecret,
} from '../../src/resources/system/webhook-endpoints/secrets.ts';
import type { TestApi } from './api.ts';
import { agreement, type Reply } from './consent.ts';
import { expectDocumentedWebhook } from './document.ts';
import type { Event } from './events.ts';
import { databaseOf, everywhere, homes, inEachHome, workerEnv } from './homes.ts';
import { Invocation } from './invocation.ts';
import type { TestPartner } from './partners.ts';
import { START } from './start.ts';

/** A webhook endpoint in the database, with its secret. */
export interface TestEndpoint {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
}

/** Inserts an endpoint that has reached a position in the feed; by default it begins with the first event. */
export async function writeEndpoint(
  { partnerId }: Pick<TestPartner, 'partnerId'>,
  values: {
    url?: string;
    /** The URL that has agreed to receive events; by default that of the endpoint. */
    consentedUrl?: string | null;
    eventTypes?: readonly string[];
    position?: number;
  } = {},
): Promise<TestEndpoint> {
  const id = crypto.randomUUID();
  const secret = newWebhookSecret();
  const { url = `https://erp.example.com/hooks/${id}`, eventTypes, position = 0 } = values;
  const { consentedUrl = url } = values;
  await databaseOf({ partnerId })
    .prepare(
      `INSERT INTO webhook_endpoints
       (id, partner_id, created_at, url, description, consented_url, event_types, secret, position)
     VALUES (?, ?, ?, ?, '', ?, ?, ?, ?)`,
    )
    .bind(
      ...[id, partnerId, START, url, consentedUrl],
      eventTypes ? JSON.stringify(eventTypes) : null,
      await sealSecret(configOf(env).sealingKeys, id, secret),
      position,
    )
    .run();
  return { id, url, secret };
}

/** A webhook that a receiver got, as the npm package `standardwebhooks` has verified it. */
export interface Received {
  readonly url: string;
  readonly id: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  /** The time of the clock of the API. */
  readonly at: number;
  readonly message: { readonly type: string; readonly timestamp: string; readonly data: Event };
}

/** Returns the home that has an endpoint, or the first one if none has it. */
async function homeOfEndpoint(id: string): Promise<Home> {
  const isThere = 'SELECT 1 FROM webhook_endpoints WHERE id = ?';
  const found = await inEachHome((database) => database.prepare(isThere).bind(id).all());
  const at = Math.max(
    0,
    found.findIndex(({ results }) => results.length > 0),
  );
  return configOf(workerEnv()).homes.find(({ name }) => name === homes[at]?.name) as Home;
}

/** A receiver of webhooks in place of the network, and the deliveries to it. */
export class Receiver {
  /** Everything that arrived, in order, also what was refused. */
  readonly received: Received[] = [];
  /** Answers each delivery; by default with 204. */
  reply: Reply = () => new Response(null, { status: 204 });
  /** Answers each question whether webhooks are wanted; by default they are. */
  consent: Reply = () => agreement();
  /** The URLs that were asked, in order. */
  readonly asked: string[] = [];
  /** What each delivery cost. */
  readonly costs: Cost[] = [];
  readonly #api: TestApi;
  readonly #secrets: ReadonlyMap<string, string>;

  constructor(api: TestApi, endpoints: readonly TestEndpoint[]) {
    this.#api = api;
    this.#secrets = new Map(endpoints.map(({ url, secret }) => [url, secret]));
    api.fetch = async (url, init) => {
      if (init.method === 'OPTIONS') {
        this.asked.push(url);
        return this.consent(url, init);
      }
      this.received.push(await this.#verified(url, init));
      return this.reply(url, init);
    };
  }

  /** Delivers what is due, as the Durable Object of an endpoint does. Returns when it is to be looked at again. */
  async deliver(
    { id }: TestEndpoint,
    bindings: Env = this.#api.bindings,
  ): Promise<Awaited<ReturnType<typeof deliverDue>>> {
    const api = this.#api;
    const home = await homeOfEndpoint(id);
    const env = new Invocation().bind(bindings);
    if (isVerified(bindingOf(bindings, home), home)) {
      // An isolate verifies a database only once.
      rememberVerified(bindingOf(env, home), home);
    }
    const cost = new Cost();
    this.costs.push(cost);
    return deliverDue(
      {
        config: configOf(bindings),
        dependencies: {
          now: () => api.now,
          fetch: (url, init) => api.fetch(url, init),
          log: (line) => api.log.push(line),
        },
        openDatabase: () => openDatabase(env, home, undefined, 30_000, cost),
        cost,
        wakeEndpoint: async (id) => api.woken.push(id),
      },
      id,
    );
  }

  /** Returns the types of the events that arrived. */
  get types(): string[] {
    return this.received.map(({ message }) => message.type);
  }

  /** Returns the sequences of the events that arrived. */
  get sequences(): number[] {
    return this.received.map(({ message }) => message.data.sequence);
  }

  async #verified(url: string, init: RequestInit): Promise<Received> {
    expect(init).toMatchObject({ method: 'POST', redirect: 'manual' });
    const headers = init.headers as Record<string, string>;
    const body = init.body as string;
    expectDocumentedWebhook(headers, body);
    const secret = this.#secrets.get(url);
    const at = this.#api.now;
    expect(headers['webhook-timestamp']).toBe(String(Math.floor(at / 1000)));
    // The package compares the timestamp with the clock of this machine.
    const clock = Date.now;
    Date.now = () => at;
    try {
      const message = secret && new Webhook(secret).verify(body, headers);
      return {
        ...{ url, headers, body, at, id: headers['webhook-id'] as string },
        message: (message ?? JSON.parse(body)) as Received['message'],
      };
    } finally {
      Date.now = clock;
    }
  }
}

/** Returns the row of an endpoint. */
export const endpointRow = async ({ id }: Pick<TestEndpoint, 'id'>) =>
  (await everywhere('SELECT * FROM webhook_endpoints WHERE id = ?', id))[0] as Record<
    string,
    number | string | null
  >;

/** Returns the recorded attempts of an endpoint, in order. */
export const attemptsOf = ({ id }: Pick<TestEndpoint, 'id'>) =>
  everywhere<Record<string, number | string | null>>(
    `SELECT number, event_type, sequence, attempt, attempted_at, status, error FROM webhook_deliveries
     WHERE endpoint_id = ? ORDER BY number`,
    id,
  );

/** Returns the response text of the attempt that was recorded last. */
export const textOfLast = () =>
  env.DB.prepare('SELECT response_text FROM webhook_deliveries ORDER BY number DESC').first<
    string | null
  >('response_text');
