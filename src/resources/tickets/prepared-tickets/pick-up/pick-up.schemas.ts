import { bodyOf } from '../../../../http/fields/object.ts';
import { requestMembers, ticketExample } from '../ticket-members.ts';

/** What the document says of the body. */
export const bodyDescription = 'The customer who picks the ticket up.';

/** The body of POST. */
export const pickUp = bodyOf({
  customer_id: requestMembers.customer_id,
}).openapi('PickUp', { description: bodyDescription });

export const pickUpExample = { customer_id: ticketExample.customer_id };
