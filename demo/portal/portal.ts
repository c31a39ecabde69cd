import { type Context, Hono, type Next } from 'hono';
import type { html } from 'hono/html';
import { type RequestIdVariables, requestId } from 'hono/request-id';
import { type About, readAbout } from './about.ts';
import { ApiClient, ApiRefusal } from './api-client.ts';
import { newestEvents } from './feed.ts';
import { customerPage } from './pages/customer.tsx';
import { customersPage } from './pages/customers.tsx';
import { eventsPage } from './pages/events.tsx';
import { isRefusalStatus } from './pages/messages.tsx';
import { isOwnForm, protect } from './protection.ts';
import type { Surroundings } from './surroundings.ts';
import { findCustomers, findTickets, pickUp } from './tickets.ts';

interface PortalEnv {
  Variables: RequestIdVariables;
}

const UUID = '[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}';
const IS_UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const IS_ENTITY_TAG = /^"[\x21\x23-\x7e]{1,100}"$/;
/** The page of a customer, and the target of its forms. So a reload after a pick-up shows the page. */
const CUSTOMER = `/portal/customers/:id{${UUID}}` as const;

/** The static assets of the pages, which `npm run dev` copies from this folder. */
const PORTAL_FILES = ['/portal/portal.css', '/portal/live-events.js'] as const;

/** Responds with a problem (RFC 9457). */
function problem(c: Context<PortalEnv>, status: 404 | 500 | 503, title: string, detail: string) {
  const request_id = c.get('requestId');
  return c.json({ type: 'about:blank', title, status, detail, request_id }, status, {
    'Content-Type': 'application/problem+json',
  });
}

/**
 * Creates the demo of the Customer Portal, which serves `/portal` and the paths below it. It reads and changes
 * tickets only through the operations of the API. What it does not know, the API answers.
 */
export function createPortal(surroundings: Surroundings): Hono<PortalEnv> {
  const { api, assets, settings, now, log } = surroundings;
  const portal = new Hono<PortalEnv>();
  const clientOf = (c: Context<PortalEnv>) => new ApiClient(surroundings, c.req.url);
  let about: About | undefined;
  /** Responds with a page. Its footer needs the document of the API, which is read once. */
  const page = async (
    c: Context<PortalEnv>,
    complete: (about: About) => ReturnType<typeof html>,
  ) => {
    about ??= await readAbout(surroundings, c.req.url);
    return c.html(complete(about));
  };
  /** Protects a route, and logs its requests. The line names the operation, because a path contains ids. */
  const route = (operation: string) =>
    [
      async (c: Context<PortalEnv>, next: Next) => {
        const started = now();
        await next();
        const { method } = c.req;
        const { status } = c.res;
        const request_id = c.get('requestId');
        log({ event: 'request', request_id, operation, method, status, duration: now() - started });
      },
      requestId(),
      protect,
    ] as const;

  portal.get('/portal', ...route('getPortal'), async (c) =>
    page(c, customersPage(await findCustomers(clientOf(c)), settings.names)),
  );

  portal.get(CUSTOMER, ...route('getPortalCustomer'), async (c) => {
    const id = c.req.param('id');
    const { 'picked-up': pickedUpId, refused } = c.req.query();
    const tickets = await findTickets(clientOf(c), id);
    return page(
      c,
      customerPage({
        ...{ id, names: settings.names, tickets, pickedUpId },
        refused: isRefusalStatus(refused) ? refused : undefined,
      }),
    );
  });

  portal.post(CUSTOMER, ...route('pickUpInPortal'), async (c) => {
    // A body that is no form is refused like one without the fields.
    const form = isOwnForm(c) ? await c.req.parseBody().catch(() => ({})) : {};
    const { ticket_id, etag } = form as Record<string, unknown>;
    if (!matches(ticket_id, IS_UUID) || !matches(etag, IS_ENTITY_TAG)) {
      // RFC 9110 §15.5.4 allows a 404 instead of a 403.
      const detail = 'Only the form on the page of a customer can pick up a ticket here.';
      return problem(c, 404, 'Not Found', detail);
    }
    const path = `/portal/customers/${c.req.param('id')}`;
    try {
      await pickUp(clientOf(c), c.req.param('id'), { ticket_id, etag });
      return c.redirect(`${path}?picked-up=${ticket_id}`, 303);
    } catch (error) {
      if (error instanceof ApiRefusal && isRefusalStatus(String(error.status))) {
        return c.redirect(`${path}?refused=${error.status}`, 303);
      }
      throw error;
    }
  });

  portal.get('/portal/events', ...route('getPortalEvents'), async (c) =>
    page(c, eventsPage(await newestEvents(clientOf(c)), settings.client.client_id)),
  );

  for (const file of PORTAL_FILES) {
    portal.get(file, ...route('getPortalFile'), (c) => assets.fetch(c.req.raw));
  }

  portal.notFound((c) => api(c.req.raw));
  portal.onError((error, c) => {
    if (error instanceof ApiRefusal) {
      const detail = `The API refused a request of the portal with status ${error.status}: ${error.message} If you deleted its client or API key, restart \`npm run dev\`, which creates new ones. If you disabled one, enable it again.`;
      return problem(c, 503, 'Service Unavailable', detail);
    }
    const { name, message, stack } = error;
    log({ event: 'fault', request_id: c.get('requestId'), error: name, message, stack });
    return problem(c, 500, 'Internal Server Error', 'The log of the server contains the cause.');
  });
  return portal;
}

function matches(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value);
}
