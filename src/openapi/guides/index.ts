import { apiKeys } from './api-keys.ts';
import { changes } from './changes.ts';
import { clients } from './clients.ts';
import { credentials } from './credentials.ts';
import { customerSeesNothing } from './customer-sees-nothing.ts';
import { errors } from './errors.ts';
import { events } from './events.ts';
import { firstRequest } from './first-request.ts';
import { followChanges } from './follow-changes.ts';
import { glossary } from './glossary.ts';
import { keepACopy } from './keep-a-copy.ts';
import { lists } from './lists.ts';
import { moveTickets } from './move-tickets.ts';
import { pagination } from './pagination.ts';
import { partner } from './partner.ts';
import { productLines } from './product-lines.ts';
import { rateLimits } from './rate-limits.ts';
import { readYourWrites } from './read-your-writes.ts';
import { receiveWebhooks } from './receive-webhooks.ts';
import { retries } from './retries.ts';
import { rotateCredentials } from './rotate-credentials.ts';
import { syncByReference } from './sync-by-reference.ts';
import { syncYourErp } from './sync-your-erp.ts';
import { tickets } from './tickets.ts';
import { webhooks } from './webhooks.ts';

/** What the API is for, in Markdown. */
export const introduction = `Prepare tickets for your customers from your own system: VIN, vehicle model, voucher code, your reference, and product lines (the services). The customer finds the ticket in the Customer Portal and picks it up with one click.

You can access only your own tickets. A request for another partner's ticket returns 404, as if it did not exist.`;

/** A guide, which is a section of the description of the API and a page of the docs site. */
export interface Guide {
  /** The last step of the address of its page. */
  readonly name: string;
  /** The guide in Markdown, beginning with its heading. */
  readonly text: string;
}

/**
 * Returns the guides in the order in which a partner needs them. Their examples run unchanged and in this
 * order, starting with those of the first request. The check `samples` runs them.
 *
 * @param origin the base URL of this deployment, without a trailing slash.
 */
export const guides = (origin: string): readonly Guide[] => [
  { name: 'first-request', text: firstRequest(origin) },
  { name: 'sync-your-erp', text: syncYourErp },
  { name: 'sync-by-reference', text: syncByReference },
  { name: 'move-tickets', text: moveTickets },
  { name: 'follow-changes', text: followChanges },
  { name: 'receive-webhooks', text: receiveWebhooks },
  { name: 'keep-a-copy', text: keepACopy },
  { name: 'customer-sees-nothing', text: customerSeesNothing },
  { name: 'rotate-credentials', text: rotateCredentials },
  { name: 'errors', text: errors },
  { name: 'retries', text: retries },
  { name: 'pagination', text: pagination },
  { name: 'rate-limits', text: rateLimits },
  { name: 'read-your-writes', text: readYourWrites },
  { name: 'glossary', text: glossary },
  { name: 'changes', text: changes },
];

/** Returns the description of the whole API, in Markdown. It contains every guide. */
export const description = (origin: string) =>
  [introduction, ...guides(origin).map(({ text }) => text)].join('\n\n');

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
