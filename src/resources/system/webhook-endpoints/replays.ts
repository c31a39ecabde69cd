import type { Context } from 'hono';
import type { AppEnv } from '../../../context.ts';
import { versionTag } from '../../../db/entity-tags.ts';
import { json, operation } from '../../../http/operation.ts';
import { reply } from '../../../http/responses/reply.ts';
import { mounted, serve } from '../../../http/serve.ts';
import { Problem } from '../../../problems/problem.ts';
import { exampleViolations } from '../../../problems/violations.ts';
import { asEvent } from '../events/events.ts';
import { feedScope, placeInFeed, requirePlace } from '../events/feed-place.ts';
import { body } from '../owned.routes.ts';
import { countQuestion } from './consents.ts';
import * as schemas from './deliveries.schemas.ts';
import { receiverOperation, requireReceiver, sendOnce } from './receiver-requests.ts';
import * as repository from './replays.repository.ts';
import { type EndpointRow, webhookEndpoint } from './webhook-endpoints.repository.ts';
import { endpointExample } from './webhook-endpoints.schemas.ts';
import { asEndpoint, routes } from './webhook-endpoints.ts';

const { path } = routes.get;
const { params } = routes.get.request;
const common = {
  ...receiverOperation,
  access: 'webhooks:manage' as const,
  method: 'post' as const,
  tags: ['Webhooks'],
  missing: webhookEndpoint.missing,
};

const replay = operation({
  ...common,
  path: `${path}/replays`,
  operationId: 'replayWebhooks',
  summary: 'Deliver events again',
  description:
    'Deliver events again, with the same `webhook-id`. With `after`, the endpoint is set back to a cursor of the event feed, and receives all events after it in their order; an endpoint that you disabled receives them once it is enabled. With `sequence`, that one event is sent once, whatever the `event_types` of the endpoint, and its outcome appears in the deliveries.',
  request: { params, body: body('What to deliver again.', schemas.replay, schemas.replayExample) },
  violations: exampleViolations('json', schemas.replay, { after: '' }),
  problems: [...receiverOperation.problems, 'cursorExpired'],
  responses: {
    202: json('The events are being delivered again.', routes.resource, {
      example: endpointExample,
      headers: ['ETag'],
    }),
  },
});

const attempt = operation({
  ...common,
  path: `${path}/attempts`,
  operationId: 'attemptWebhooks',
  summary: 'Attempt the next event now',
  description:
    'End the wait of a webhook endpoint after a failed attempt, so that its next event is attempted now. This attempt counts among those of the event. An endpoint that does not wait stays as it is.',
  request: { params },
  violations: exampleViolations('param', params, { 'endpoint-id': 'nonsense' }),
  responses: {
    202: json('The endpoint does not wait.', routes.resource, {
      example: endpointExample,
      headers: ['ETag'],
    }),
  },
});

const keyOf = (c: Context<AppEnv>, id: string) => ({ partnerId: c.var.principal.partnerId, id });

/** Returns the problem of a place in the feed that a replay cannot begin with. */
const outOfRange = (pointer: '#/after' | '#/sequence', detail: string) =>
  new Problem('violations', {
    violations: [{ in: 'body', pointer, code: 'out_of_range', detail }],
  });

/**
 * Makes a change after which an endpoint is tried. If its receiver has to be asked for its consent first, the change is
 * made only once the question is counted.
 *
 * @param change makes the change and returns the endpoint; undefined if it may not ask, and would have to.
 */
async function tryNow(
  c: Context<AppEnv>,
  change: (mayAsk: boolean) => Promise<EndpointRow | undefined>,
): Promise<EndpointRow> {
  const row = await change(false);
  if (row !== undefined) {
    return row;
  }
  await countQuestion(c);
  return (await change(true)) as EndpointRow;
}

/** Sets an endpoint back to a cursor of the feed, and returns it. */
async function replayAfter(c: Context<AppEnv>, id: string, cursor: string): Promise<EndpointRow> {
  const { db, principal, home } = c.var;
  const { epoch } = home;
  const scope = feedScope(principal.partnerId, { expected: schemas.expectedPlace, in: 'body' });
  const place = await placeInFeed(scope, cursor);
  const after = place.epoch === epoch ? place.sequence : undefined;
  return tryNow(c, async (mayAsk) => {
    const outcome = await repository.replayFrom(db, keyOf(c, id), after, mayAsk);
    const { found, moved, bounds } = outcome;
    requireReceiver(found);
    if (moved === undefined) {
      requirePlace(place, epoch, bounds);
      if (place.sequence > found.position) {
        throw outOfRange(
          '#/after',
          'Send the cursor of an event that was delivered already, because this one would skip events.',
        );
      }
    }
    return moved;
  });
}

/** Sends one event to an endpoint again, after the response, and returns the endpoint. */
async function replayOne(c: Context<AppEnv>, id: string, sequence: number): Promise<EndpointRow> {
  const { db, dependencies } = c.var;
  const found = await repository.findReplayed(db, keyOf(c, id), sequence, dependencies.now());
  const { endpoint, event, bounds } = found;
  requireReceiver(endpoint);
  if (sequence < bounds.oldest) {
    throw new Problem('cursorExpired');
  }
  if (event === undefined || event.precedes_endpoint === 1 || event.subject_id === endpoint.id) {
    throw outOfRange(
      '#/sequence',
      'Send the sequence of an event after the creation of the endpoint that is not about the endpoint itself.',
    );
  }
  await sendOnce(c, endpoint, asEvent(event), sequence);
  return endpoint;
}

/** Mounts what makes the API send events again or at once under `/v2/system/webhook-endpoints`. */
export const mountReplays = mounted(
  serve(replay, async (c) => {
    const { after, sequence } = c.req.valid('json');
    const id = c.req.valid('param')['endpoint-id'];
    const row = await (sequence === undefined
      ? replayAfter(c, id, after as string)
      : replayOne(c, id, sequence));
    return reply(c, replay, 202, asEndpoint(row, c.var.dependencies.now()), {
      tag: versionTag.of(row),
    });
  }),
  serve(attempt, async (c) => {
    const key = keyOf(c, c.req.valid('param')['endpoint-id']);
    const row = await tryNow(c, async (mayAsk) => {
      const { found, ended } = await repository.endWait(c.var.db, key, mayAsk);
      requireReceiver(found);
      const waits = found.disabled_at === null && found.next_attempt_at !== null;
      return waits ? ended : found;
    });
    return reply(c, attempt, 202, asEndpoint(row, c.var.dependencies.now()), {
      tag: versionTag.of(row),
    });
  }),
);
