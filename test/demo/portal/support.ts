import { env } from 'cloudflare:workers';
import { createPortal } from '../../../demo/portal/portal.ts';
import type { PortalSettings } from '../../../demo/portal/surroundings.ts';
import { newApiKey, newClientSecret, sha256 } from '../../../src/auth/secrets.ts';
import type { LogLine } from '../../../src/context.ts';
import { ORIGIN, TestApi } from '../../support/api.ts';
import { makeApiAndPartner, partner as ofTest, useApi } from '../../support/each-test.ts';
import { databaseOf, homeOf } from '../../support/homes.ts';
import type { TestPartner } from '../../support/partners.ts';
import { START } from '../../support/start.ts';
import { CUSTOMER, linesPath, PRODUCT, type Ticket, writeTicket } from '../../support/tickets.ts';

/** The names that the portal of the tests shows. */
const NAMES = { [CUSTOMER]: 'Amelie Brandt', [PRODUCT]: 'Oil service', 0: 'Škoda Octavia' };

/** An API with the demo of the portal, which shares its clock and its log. */
class TestPortal extends TestApi {
  readonly #portal: ReturnType<typeof createPortal>;

  constructor(settings: PortalSettings) {
    super();
    this.#portal = createPortal({
      settings,
      api: (request) => super.respond(request),
      assets: env.ASSETS,
      now: () => this.now,
      log: (line) => this.log.push(line as LogLine),
    });
  }

  override async respond(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    return pathname.startsWith('/portal') ? this.#portal.fetch(request) : super.respond(request);
  }
}

/** Returns the path of the page of a customer. */
export const customerPage = (id: string) => `/portal/customers/${id}`;

/** Adds a client with the scopes of the portal and an API key to a partner. Returns its credentials. */
export async function createPortalClient({ partnerId }: TestPartner) {
  const client = {
    client_id: crypto.randomUUID(),
    client_secret: newClientSecret(homeOf({ partnerId })),
    api_key: newApiKey('test'),
  };
  const database = databaseOf({ partnerId });
  await database.batch([
    database
      .prepare(
        `INSERT INTO clients (id, partner_id, name, secret_sha256, scopes, created_at, last_used_at)
       VALUES (?, ?, 'Portal', ?, 'prepared-tickets:read prepared-tickets:pick-up events:read', 0, ?)`,
      )
      .bind(client.client_id, partnerId, await sha256(client.client_secret), START),
    database
      .prepare(
        `INSERT INTO api_keys (sha256, partner_id, created_at, id, name, last_used_at)
       VALUES (?, ?, 0, ?, 'Portal', ?)`,
      )
      .bind(await sha256(client.api_key), partnerId, crypto.randomUUID(), START),
  ]);
  return client;
}

/** Returns an API with a portal for a partner, which shows names. */
export async function openPortal(
  partner: TestPartner,
  names: Record<string, string> = NAMES,
): Promise<TestApi> {
  return new TestPortal({ client: await createPortalClient(partner), names });
}

/** Gives a test a partner of its own and an API with a portal for it. */
export async function makePortalAndPartner(): Promise<void> {
  await makeApiAndPartner();
  useApi(await openPortal(ofTest));
}

/** Creates a ticket with a product line, so that its customer can pick it up. */
export async function readyTicket(
  api: TestApi,
  partner: TestPartner,
  values: Partial<Ticket> = {},
): Promise<Ticket> {
  const ticket = await writeTicket(partner, values);
  await api.put(linesPath(ticket.id, PRODUCT), partner, { quantity: 1 });
  return ticket;
}

/** Returns a page of the portal. */
export async function pageAt(api: TestApi, path: string): Promise<string> {
  return (await api.get(path)).text();
}

/** Returns the part of a page under a heading. */
export function sectionOf(page: string, heading: string): string {
  return page.split('<section').find((section) => section.includes(`>${heading}</h2>`)) ?? '';
}

/** Returns the fields of the form of a ticket on the page of its customer. */
export async function formOf(api: TestApi, { id, customer_id }: Ticket) {
  const form = (await pageAt(api, customerPage(customer_id)))
    .split('<form')
    .find((text) => text.includes(id));
  const etag = /name="etag" value="([^"]+)"/.exec(form ?? '')?.[1] ?? '';
  return { ticket_id: id, etag: etag.replaceAll('&quot;', '"') };
}

/** Submits a form to the page of a customer, by default from a page of the portal. */
export function submit(
  api: TestApi,
  customerId: string,
  fields: Record<string, string>,
  headers: Record<string, string> = { 'sec-fetch-site': 'same-origin', origin: ORIGIN },
): Promise<Response> {
  const body = new URLSearchParams(fields);
  return api.send(
    new Request(`${ORIGIN}${customerPage(customerId)}`, { method: 'POST', headers, body }),
  );
}
