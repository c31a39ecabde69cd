import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import type { EndpointView } from '../../../scripts/partner/endpoint-view.ts';
import { plain } from '../../../scripts/partner/print.ts';
import { START } from '../../support/api.ts';
import { allRows } from '../../support/d1.ts';
import { api, makeApiAndPartner, partner } from '../../support/each-test.ts';
import { changeEndpoint, readEndpoint } from '../../support/endpoints.ts';
import { eventsOfOperator } from '../../support/events.ts';
import { databaseOf, everywhere } from '../../support/homes.ts';
import { failureOf, runPartner } from '../../support/partner-command.ts';
import { makePartner, type TestPartner } from '../../support/partners.ts';
import { createTicket } from '../../support/tickets.ts';
import { endpointRow, Receiver, type TestEndpoint, writeEndpoint } from '../../support/webhooks.ts';

const UNKNOWN_ID = crypto.randomUUID();
const SINCE = new Date(START).toISOString();

let other: TestPartner;
let made: TestEndpoint;

beforeEach(async () => {
  await makeApiAndPartner();
  other = await makePartner();
  made = await writeEndpoint(partner);
  await setRow('consented_url = url');
});

/** Runs `endpoints …` for the endpoint, and returns how it is shown. */
async function run(name: string, now = START): Promise<EndpointView> {
  const { json } = await runPartner(['endpoints', name, '--endpoint', made.id], now);
  return json as EndpointView;
}

const setRow = (values: string) =>
  env.DB.prepare(`UPDATE webhook_endpoints SET ${values} WHERE id = ?`).bind(made.id).run();

const nameOf = ({ partnerId }: TestPartner) =>
  databaseOf({ partnerId })
    .prepare('SELECT name FROM partners WHERE id = ?')
    .bind(partnerId)
    .first<string>('name');

const eventOf = (action: string, version: number) => ({
  ...{ partner_id: partner.partnerId, type: `webhook_endpoint.${action}` },
  ...{ subject_id: made.id, version },
});

describe('endpoints list', () => {
  test('shows what the operator needs to know of an endpoint, and no secret', async () => {
    await createTicket(api, partner);
    await createTicket(api, partner);
    await setRow(`failed_attempts = 3, next_attempt_at = ${START + 9000}, position = 1`);
    const outcome = await runPartner(['endpoints', 'list']);
    const shown = {
      ...{ id: made.id, partner: await nameOf(partner), url: made.url },
      ...{ disabled: false, disabled_at: null, disabled_reason: null, consent: true },
      ...{ failed_attempts: 3, next_attempt_at: new Date(START + 9000).toISOString(), behind: 1 },
    };
    expect(outcome.json).toEqual({ endpoints: [shown], unreachable_homes: [] });
    const text = plain(outcome).replaceAll(/ +/g, ' ');
    for (const part of [
      `Webhook endpoint ${made.id}`,
      ...[`partner: "${shown.partner}"`, `url: ${made.url}`, 'state: enabled', 'consent: yes'],
      ...['failed attempts: 3', `next attempt: ${shown.next_attempt_at}`, 'behind: 1 event'],
    ]) {
      expect(text).toContain(part);
    }
    const { secret } = await endpointRow(made);
    expect(text).not.toContain(secret);
    expect(JSON.stringify(outcome.json)).not.toContain(secret);
  });

  test('shows why an endpoint is disabled, and that its URL has not agreed', async () => {
    await setRow(
      `disabled_at = ${START}, disabled_reason = 'gone', consented_url = NULL, next_attempt_at = 9`,
    );
    const outcome = await runPartner(['endpoints', 'list', '--endpoint', made.id]);
    expect(outcome.json).toMatchObject({
      endpoints: [
        { disabled: true, disabled_reason: 'gone', consent: false, next_attempt_at: null },
      ],
    });
    const text = plain(outcome).replaceAll(/ +/g, ' ');
    expect(text).toContain(`state: disabled (gone) since ${SINCE}`);
    expect(text).toContain('consent: not for this URL');
    await setRow("consented_url = 'https://other.example/'");
    expect((await runPartner(['endpoints', 'list'])).json).toMatchObject({
      endpoints: [{ consent: false }],
    });
  });

  test('shows the endpoints of all partners, or those of one', async () => {
    const theirs = await writeEndpoint(other);
    const idsOf = async (...args: string[]) => {
      const { json } = await runPartner(['endpoints', 'list', ...args]);
      return (json as { endpoints: EndpointView[] }).endpoints.map(({ id }) => id);
    };
    expect(await idsOf()).toEqual([made.id, theirs.id]);
    expect(await idsOf('--partner', `${await nameOf(other)}`)).toEqual([theirs.id]);
    await everywhere('DELETE FROM webhook_endpoints');
    expect(plain(await runPartner(['endpoints', 'list']))).toContain('There are no such');
  });
});

describe('endpoints disable', () => {
  test('stops the deliveries, is one event, and cannot be undone by the partner', async () => {
    await createTicket(api, partner);
    await setRow(`next_attempt_at = ${START + 9000}`);
    const disabled = { disabled: true, disabled_at: SINCE, disabled_reason: 'operator' };
    expect(await run('disable')).toMatchObject({ ...disabled, next_attempt_at: null });
    expect(await run('disable', START + 1), 'a second time').toMatchObject(disabled);
    expect(await eventsOfOperator()).toEqual([eventOf('disabled', 2)]);
    expect(await endpointRow(made), 'the ETag changes once').toMatchObject({ version: 2 });
    const changed = await changeEndpoint(api, partner, made, { disabled: false });
    expect(changed).toMatchObject({ disabled: true, disabled_reason: 'operator' });
    api.now = START + 10_000;
    const receiver = new Receiver(api, [made]);
    await receiver.deliver(made);
    expect(receiver.received).toEqual([]);
  });

  test.each(['requested', 'gone', 'exhausted'])(
    'replaces the reason %s and keeps its time',
    async (reason) => {
      await setRow(`disabled_at = ${START - 1000}, disabled_reason = '${reason}'`);
      expect(await run('disable')).toMatchObject({
        disabled_at: new Date(START - 1000).toISOString(),
        disabled_reason: 'operator',
      });
      expect(await eventsOfOperator()).toEqual([eventOf('disabled', 2)]);
    },
  );
});

describe('endpoints enable', () => {
  test.each(['operator', 'requested', 'gone', 'exhausted'])(
    'ends the reason %s, the failed attempts and the wait, and is one event',
    async (reason) => {
      await createTicket(api, partner);
      await setRow(`disabled_at = ${START}, disabled_reason = '${reason}', failed_attempts = 10,
        next_attempt_at = ${START + 9000}`);
      const enabled = { disabled: false, disabled_at: null, disabled_reason: null };
      const shown = { ...enabled, failed_attempts: 0, next_attempt_at: null };
      expect(await run('enable')).toMatchObject(shown);
      expect(await eventsOfOperator()).toEqual([eventOf('updated', 2)]);
      expect(await endpointRow(made)).toMatchObject({ version: 2 });
      const { disabled, disabled_reason, failed_attempts } = await readEndpoint(api, partner, made);
      expect({ disabled, disabled_reason, failed_attempts }).toEqual({
        ...{ disabled: false, disabled_reason: null, failed_attempts: 0 },
      });
      const receiver = new Receiver(api, [made]);
      await receiver.deliver(made);
      expect(receiver.types).toEqual(['prepared_ticket.created']);
    },
  );

  test('changes nothing at an endpoint that is enabled', async () => {
    await setRow(`failed_attempts = 3, next_attempt_at = ${START + 9000}`);
    const before = await allRows();
    expect(await run('enable')).toMatchObject({ disabled: false, failed_attempts: 3 });
    expect(await allRows()).toEqual(before);
  });
});

test('endpoints delete removes the endpoint, shows it a last time, and is one event', async () => {
  const kept = await writeEndpoint(other);
  expect(await run('delete')).toMatchObject({ id: made.id, url: made.url });
  expect(await eventsOfOperator()).toEqual([eventOf('deleted', 1)]);
  expect((await allRows()).webhook_endpoints).toEqual([expect.stringContaining(kept.id)]);
  expect(await failureOf(['endpoints', 'delete', '--endpoint', made.id])).toMatchObject({
    exitCode: 3,
  });
});

describe.each(['disable', 'enable', 'delete'])('endpoints %s', (name) => {
  test('takes the name of a partner with one endpoint', async () => {
    await setRow(`disabled_at = ${START}, disabled_reason = 'requested'`);
    const theirs = await writeEndpoint(other);
    await runPartner(['endpoints', name, '--partner', `${await nameOf(partner)}`]);
    const [{ type, subject_id } = {}] = await eventsOfOperator();
    expect(type).toMatch(/^webhook_endpoint\./);
    expect(subject_id).toBe(made.id);
    expect(await endpointRow(theirs)).toMatchObject({ version: 1, disabled_at: null });
  });

  test('changes nothing unless exactly one endpoint is selected', async () => {
    await writeEndpoint(partner);
    const theirs = await writeEndpoint(other);
    const before = await allRows();
    const ofPartner = ['--partner', `${await nameOf(partner)}`];
    for (const [selection, reason] of [
      [ofPartner, 'The partner has 2 webhook endpoints. Add --endpoint'],
      [[...ofPartner, '--endpoint', theirs.id], 'There is no such webhook endpoint.'],
      [['--endpoint', UNKNOWN_ID], 'There is no such webhook endpoint.'],
      [['--partner', 'No'], 'There is no partner with that name.'],
      [['--partner', `${await nameOf(await makePartner())}`], 'There is no such webhook endpoint.'],
    ] as const) {
      const failure = await failureOf(['endpoints', name, ...selection]);
      expect(failure).toMatchObject({ name: 'NotPossible', exitCode: 3 });
      expect(failure.message).toContain(reason);
    }
    const { partners: _, clients: __, api_keys: ___, ...after } = await allRows();
    expect(before).toMatchObject(after);
  });
});

test.each([
  ['--partner', 'No'],
  ['--endpoint', UNKNOWN_ID],
])('endpoints list fails for an unknown %s', async (...selection) => {
  expect(await failureOf(['endpoints', 'list', ...selection])).toMatchObject({ exitCode: 3 });
});
