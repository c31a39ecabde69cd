import { apiKeys } from './api-keys.ts';
import { changes } from './changes.ts';
import { clients } from './clients.ts';
import { credentials } from './credentials.ts';
import { customerSeesNothing } from './customer-sees-nothing.ts';
import { errors } from './errors.ts';
import { events } from './events.ts';
import { firstRequest } from './first-request.ts';
import { followChanges } from './follow-changes.ts';
import { keepACopy } from './keep-a-copy.ts';
import { lists } from './lists.ts';
import { moveTickets } from './move-tickets.ts';
import { partner } from './partner.ts';
import { productLines } from './product-lines.ts';
import { rateLimits } from './rate-limits.ts';
import { readYourWrites } from './read-your-writes.ts';
import { receiveWebhooks } from './receive-webhooks.ts';
import { retries } from './retries.ts';
import { syncByReference } from './sync-by-reference.ts';
import { tickets } from './tickets.ts';
import { webhooks } from './webhooks.ts';

const introduction = `Prepare tickets for your customers from your own system: VIN, vehicle model, voucher code, your reference, and product lines (the services). The customer finds the ticket in the Customer Portal and picks it up with one click.

You can access only your own tickets. A request for another partner's ticket returns 404, as if it did not exist.`;

/**
 * Returns the description of the whole API, in Markdown. Its examples run unchanged and in this order,
 * starting with those of the first request. The check `samples` runs them.
 *
 * @param origin the base URL of this deployment, without a trailing slash.
 */
export const description = (origin: string) =>
  [
    introduction,
    firstRequest(origin),
    customerSeesNothing,
    syncByReference,
    moveTickets,
    keepACopy,
    followChanges,
    receiveWebhooks,
    errors,
    retries,
    rateLimits,
    readYourWrites,
    changes,
  ].join('\n\n');

/** The groups of operations with their guides, in the order in which a partner needs them. */
export const tags = [
  { name: 'Prepared tickets', description: lists },
  { name: 'Product lines', description: productLines },
  { name: 'Tickets', description: tickets },
  { name: 'Access tokens', description: credentials },
  { name: 'Clients', description: clients },
  { name: 'API keys', description: apiKeys },
  { name: 'Events', description: events },
  { name: 'Webhooks', description: webhooks },
  { name: 'Partner', description: partner },
  { name: 'Health', description: 'Check whether the service is running and ready for requests.' },
];
