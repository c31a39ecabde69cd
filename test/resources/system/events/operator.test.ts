import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CredentialView } from '../../../../scripts/partner/view.ts';
import { TestApi } from '../../../support/api.ts';
import { clients, kinds } from '../../../support/credentials.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import { type Event, readEvents } from '../../../support/events.ts';
import { report, ScannedApi } from '../../../support/leak-reports.ts';
import { failureOf, partnerAfter, runPartner } from '../../../support/partner-command.ts';
import { makePartner } from '../../../support/partners.ts';

const NAME = `Bob's "Garage"; --`;

/** `partner` reads the events of what the operator does to it. */
beforeEach(async () => {
  await makePartnerOf(new TestApi(), { partnerName: NAME });
});

const versionsOf = (events: readonly Event[]) =>
  events.map(({ type, subject, actor }) => `${type} ${subject.id} ${subject.version} ${actor}`);

/** Runs a command of the operator, and returns the events that it caused. */
async function eventsOf(...args: string[]): Promise<string[]> {
  const { next } = await readEvents(api, partner, { after: 'latest' });
  await runPartner(args);
  return versionsOf((await readEvents(api, partner, { after: next })).result);
}

describe('the commands of the operator are in the feed of the partner, without an actor', () => {
  test.each(['client', 'key'])('for one %s from its creation to its deletion', async (option) => {
    const made = await partnerAfter(['create', '--partner', NAME, `--${option}`, 'New']);
    const [view] = [...(made.clients ?? []), ...(made.api_keys ?? [])] as [CredentialView];
    const type = option === 'client' ? 'client' : 'api_key';
    const one = [`--${option}`, view.id];
    const { result } = await readEvents(api, partner);
    expect(versionsOf(result)).toEqual([`${type}.created ${view.id} 1 null`]);
    expect(await eventsOf('disable', ...one)).toEqual([`${type}.updated ${view.id} 2 null`]);
    expect(await eventsOf('disable', ...one)).toEqual([]);
    expect(await eventsOf('enable', ...one)).toEqual([`${type}.updated ${view.id} 3 null`]);
    expect(await eventsOf('rotate', ...one)).toEqual([`${type}.rotated ${view.id} 4 null`]);
    expect(await eventsOf('delete', ...one)).toEqual([`${type}.deleted ${view.id} 4 null`]);
  });

  test('for a new partner: one for the client and one for the API key', async () => {
    await runPartner(['create', '--name', 'Another']);
    const { results } = await env.DB.prepare(
      `SELECT sequence, type, client_id FROM events JOIN partners ON partners.id = partner_id
       WHERE name = 'Another' ORDER BY sequence`,
    ).all();
    expect(results).toEqual([
      { sequence: 1, type: 'client.created', client_id: null },
      { sequence: 2, type: 'api_key.created', client_id: null },
    ]);
  });

  test('for a whole partner: one for each client and API key that changes', async () => {
    const other = await makePartner();
    const disabled = await clients.make(api, partner, { disabled: true });
    const { next } = await readEvents(api, partner, { after: 'latest' });
    await runPartner(['disable', '--partner', NAME]);
    await runPartner(['enable', '--partner', NAME]);
    // Enabling revokes the tokens of before.
    api.now += 2000;
    const { result } = await readEvents(api, partner, { after: next });
    expect(result.map(({ type, subject }) => `${type} ${subject.id}`).sort()).toEqual(
      [
        `client.updated ${partner.clientId}`,
        `api_key.updated ${partner.apiKeyId}`,
        `client.updated ${partner.clientId}`,
        `api_key.updated ${partner.apiKeyId}`,
        `client.updated ${disabled.id}`,
      ].sort(),
    );
    expect((await readEvents(api, other)).result).toEqual([]);
  });

  test('but not if nothing is created', async () => {
    const { next } = await readEvents(api, partner, { after: 'latest' });
    for (let i = 0; i < 4; i++) {
      await runPartner(['create', '--partner', NAME, '--key', `Key ${i}`]);
    }
    await failureOf(['create', '--partner', NAME, '--key', 'One too many']);
    expect((await readEvents(api, partner, { after: next })).result).toHaveLength(4);
  });
});

describe('a report of leaked secrets is in the feeds of the partners, without an actor', () => {
  const scanned = new ScannedApi();

  test.each(kinds)('for the current secret of one of the $names', async (kind) => {
    const other = await makePartner();
    const made = await kind.make(api, partner);
    const { next } = await readEvents(api, partner, { after: 'latest' });
    await report(scanned, made.secret);
    await report(scanned, made.secret);
    const { result } = await readEvents(api, partner, { after: next });
    const type = kind.name === 'client' ? 'client' : 'api_key';
    expect(versionsOf(result)).toEqual([`${type}.updated ${made.id} 2 null`]);
    expect((await readEvents(api, other)).result).toEqual([]);
  });

  test('for a retired secret of a client, whose tokens it revokes', async () => {
    const made = await clients.make(api, partner);
    await clients.rotate(api, partner, made, 3600);
    const { next } = await readEvents(api, partner, { after: 'latest' });
    await report(scanned, made.secret);
    await report(scanned, made.secret);
    const { result } = await readEvents(api, partner, { after: next });
    expect(versionsOf(result)).toEqual([`client.updated ${made.id} 3 null`]);
  });

  test('of several partners at once', async () => {
    const other = await makePartner();
    const made = await clients.make(api, partner);
    const others = await clients.make(api, other);
    await report(scanned, made.secret, others.secret);
    for (const [as, { id }] of [
      [partner, made],
      [other, others],
    ] as const) {
      const { result } = await readEvents(api, as);
      expect(versionsOf(result).at(-1)).toBe(`client.updated ${id} 2 null`);
      expect(result.map(({ sequence }) => sequence)).toEqual([1, 2]);
    }
  });
});
