import { env } from 'cloudflare:workers';
import { newApiKey, newClientSecret, sha256 } from '../../src/auth/secrets.ts';
import { ORIGIN, TestApi } from './api.ts';
import type { TestPartner } from './partners.ts';
import { START } from './start.ts';
import { CUSTOMER, linesPath, PRODUCT, type Ticket, writeTicket } from './tickets.ts';

/** The names that the portal of the tests shows. */
const NAMES = { [CUSTOMER]: 'Amelie Brandt', [PRODUCT]: 'Oil service', 0: 'Škoda Octavia' };

/** Returns the path of the page of a customer. */
export const customerPage = (id: string) => `/portal/customers/${id}`;

/** Adds a client with the scopes of the portal and an API key to a partner. Returns an API with its portal. */
export async function openPortal({ partnerId }: TestPartner): Promise<TestApi> {
  const client = {
    client_id: crypto.randomUUID(),
    client_secret: newClientSecret(),
    api_key: newApiKey('test'),
  };
  await env.DB.batch([
    env.DB.prepare(
      `INSERT INTO clients (id, partner_id, name, secret_sha256, scopes, created_at, last_used_at)
       VALUES (?, ?, 'Portal', ?, 'prepared-tickets:read prepared-tickets:pick-up events:read', 0, ?)`,
    ).bind(client.client_id, partnerId, await sha256(client.client_secret), START),
    env.DB.prepare(
      `INSERT INTO api_keys (sha256, partner_id, created_at, id, name, last_used_at)
       VALUES (?, ?, 0, ?, 'Portal', ?)`,
    ).bind(await sha256(client.api_key), partnerId, crypto.randomUUID(), START),
  ]);
  return new TestApi({
    PORTAL: 'demo',
    PORTAL_CLIENT: JSON.stringify(client),
    PORTAL_NAMES: JSON.stringify(NAMES),
  });
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
