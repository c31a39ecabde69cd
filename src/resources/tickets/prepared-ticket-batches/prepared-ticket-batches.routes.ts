import { json, operation } from '../../../http/operation.ts';
import { batchKeyParameter } from '../../../http/requests/idempotency-key.ts';
import { handlingParameter } from '../../../http/requests/prefer.ts';
import { MAX_BATCH_BODY_BYTES } from '../../../http/responses/header-components.ts';
import { violationsOfItem } from '../../../problems/violations.ts';
import { ticketExample } from '../prepared-tickets/ticket-members.ts';
import {
  batchExample,
  batchItem,
  bodyDescription,
  lenientBatch,
  MAX_LINES_OF_BATCH,
  MAX_TICKETS,
  newPreparedTicketBatch,
  preparedTicketBatch,
} from './prepared-ticket-batches.schemas.ts';

const [, second] = batchExample.prepared_tickets;

/** The second ticket of the example with a VIN that is too short. */
const violated = { ...second, vin: ticketExample.vin.slice(1) };
const violations = violationsOfItem(batchItem.safeParse(violated).error?.issues ?? [], violated, [
  'prepared_tickets',
  1,
]);

const createdFirst = ticketExample;
const createdSecond = {
  ...ticketExample,
  id: '9d4d1f0e-6a0c-4a37-8a59-3f1f6f0c7b52',
  ticket_number: ticketExample.ticket_number + 1,
  vin: null,
  voucher_code: null,
  preparer_external_reference: 'ORDER-1002',
};

export const createPreparedTickets = operation({
  method: 'post',
  path: '/v2/tickets/prepared-ticket-batches',
  operationId: 'createPreparedTickets',
  access: 'prepared-tickets:write',
  tags: ['Prepared tickets'],
  summary: 'Create prepared tickets in a batch',
  description: `Create 1 to ${MAX_TICKETS} prepared tickets with their product lines, at most ${MAX_LINES_OF_BATCH.toLocaleString('en')} lines altogether. If an item is invalid, nothing is saved, and each violation points at its item. With \`Prefer: handling=lenient\`, the valid items are created and the others are not; the response is 200 and contains the result of each item. When your quota of prepared tickets is reached, nothing is created: the response is 409, or, with that preference, each valid item has the status 409. The body is limited to 1 MiB. With an \`Idempotency-Key\`, a retry is safe: within 30 days, the same key with the same body and handling creates no second batch and returns the first response again, even if tickets were changed or deleted since.`,
  maxBodyBytes: MAX_BATCH_BODY_BYTES,
  heavy: { name: 'batches' },
  parameters: [batchKeyParameter, handlingParameter],
  request: {
    body: {
      required: true,
      description: bodyDescription,
      content: { 'application/json': { schema: newPreparedTicketBatch, example: batchExample } },
    },
  },
  violations,
  problems: ['ticketQuotaExceeded', 'idempotencyKeyReused'],
  responses: {
    200: json(
      'With `Prefer: handling=lenient`: the valid items are created, and each other one says why not.',
      lenientBatch,
      {
        example: {
          result: [
            { status: 201, prepared_ticket: createdFirst },
            { status: 400, violations },
          ],
        },
        headers: ['Preference-Applied', 'Idempotent-Replayed'],
      },
    ),
    201: json('All tickets are created.', preparedTicketBatch, {
      example: { result: [createdFirst, createdSecond] },
      headers: ['Idempotent-Replayed'],
    }),
  },
});
