import { apiKeys } from './api-keys.ts';
import { changes } from './changes.ts';
import { clients } from './clients.ts';
import { credentials } from './credentials.ts';
import { errors } from './errors.ts';
import { firstRequest } from './first-request.ts';
import { lists } from './lists.ts';
import { productLines } from './product-lines.ts';
import { rateLimits } from './rate-limits.ts';
import { readYourWrites } from './read-your-writes.ts';
import { retries } from './retries.ts';

const introduction = `Prepare tickets for your customers from your own system: VIN, vehicle model, voucher code, your reference, and product lines (the services). The customer finds the ticket in the Customer Portal and picks it up with one click.

You see your own tickets only; another partner's ticket answers like one that never existed.`;

/**
 * The description of the whole API, in Markdown. Its examples run as they stand, in this order, after
 * those of the first request; a check runs them.
 *
 * @param origin the address of this deployment.
 */
export const description = (origin: string) =>
  [introduction, firstRequest(origin), errors, retries, rateLimits, readYourWrites, changes].join(
    '\n\n',
  );

/** What the document groups operations by, in the order of the alphabet; the guides to one group stand with it. */
export const tags = [
  { name: 'Access tokens', description: credentials },
  {
    name: 'API keys',
    description: apiKeys,
  },
  { name: 'Clients', description: clients },
  { name: 'Health', description: 'The state of the service.' },
  { name: 'Prepared tickets', description: lists },
  {
    name: 'Product lines',
    description: productLines,
  },
];
