import type { OpenAPIHono, RouteHandler } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { z } from 'zod';
import type { AppEnv } from '../../context.ts';
import { uuid } from '../../http/fields/text.ts';
import { Problem } from '../../problems/problem.ts';
import { ApiClient, ApiRefusal } from './api-client.ts';
import { newestEvents } from './feed.ts';
import type * as routes from './portal.routes.ts';
import { isOwnForm, pageHeaders } from './protection.ts';
import { findCustomers, findTickets, pickUp as sendPickUp } from './tickets.ts';

type App = OpenAPIHono<AppEnv>;

/** The fields of the form of a ticket. */
const pickUpForm = z.object({
  ticket_id: uuid('the ticket'),
  etag: z.string().regex(/^"[\x21\x23-\x7e]{1,100}"$/),
});

/** The statuses with which the API says that a ticket cannot be picked up. */
const REFUSALS = [404, 409, 412];

/**
 * Loads the pages. They are loaded by the first request, so that a deployment without the portal does not
 * spend time on them when it starts.
 */
const loadPages = () => import('./pages/index.tsx');
type Pages = Awaited<ReturnType<typeof loadPages>>;

/**
 * Lets the portal call the API.
 *
 * @throws Problem `serviceUnavailable` if the API refuses a request that it never refuses to a portal with
 * valid credentials.
 */
async function useApi<T>(
  app: App,
  c: Context<AppEnv>,
  use: (api: ApiClient) => Promise<T>,
): Promise<T> {
  const { portal } = c.get('config');
  if (portal === undefined) {
    throw new Problem('notFound');
  }
  try {
    return await use(new ApiClient(app, c, portal));
  } catch (error) {
    if (error instanceof ApiRefusal) {
      const detail = `The API refused a request of the portal with status ${error.status}: ${error.message} If you deleted its client or API key, restart \`npm run dev\`, which creates new ones. If you disabled one, enable it again.`;
      throw new Problem('serviceUnavailable', { detail });
    }
    throw error;
  }
}

/** Responds with a page. */
async function respond(
  app: App,
  c: Context<AppEnv>,
  render: (pages: Pages, api: ApiClient) => Promise<ReturnType<Pages['eventsPage']>>,
): Promise<Response> {
  const pages = await loadPages();
  return c.html(await useApi(app, c, (api) => render(pages, api)), 200, pageHeaders(c));
}

export const portal =
  (app: App): RouteHandler<typeof routes.getPortal, AppEnv> =>
  (c) =>
    respond(app, c, async ({ customersPage }, api) =>
      customersPage(await findCustomers(api), api.settings.names),
    );

export const customer =
  (app: App): RouteHandler<typeof routes.getCustomer, AppEnv> =>
  (c) =>
    respond(app, c, async ({ customerPage }, api) => {
      const { 'picked-up': pickedUpId, refused } = c.req.valid('query');
      const id = c.req.valid('param')['customer-id'];
      const tickets = await findTickets(api, id);
      return customerPage({ id, names: api.settings.names, tickets, pickedUpId, refused });
    });

export const pickUp =
  (app: App): RouteHandler<typeof routes.pickUp, AppEnv> =>
  async (c) => {
    const id = c.req.valid('param')['customer-id'];
    // A body that is no form is refused like one without the fields.
    const fields = isOwnForm(c) ? await c.req.parseBody().catch(() => ({})) : {};
    const form = pickUpForm.safeParse(fields);
    if (!form.success) {
      // RFC 9110 §15.5.4 allows a 404 instead of a 403.
      throw new Problem('notFound', {
        detail: 'Only the form on the page of a customer can pick up a ticket here.',
      });
    }
    const outcome = await useApi(app, c, async (api) => {
      try {
        await sendPickUp(api, id, form.data);
        return `picked-up=${form.data.ticket_id}`;
      } catch (error) {
        if (error instanceof ApiRefusal && REFUSALS.includes(error.status)) {
          return `refused=${error.status}`;
        }
        throw error;
      }
    });
    return c.redirect(`/portal/customers/${id}?${outcome}`, 303);
  };

export const events =
  (app: App): RouteHandler<typeof routes.getEvents, AppEnv> =>
  (c) =>
    respond(app, c, async ({ eventsPage }, api) =>
      eventsPage(await newestEvents(api), api.settings.client.client_id),
    );
