import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { inlined } from '../../../scripts/partner/inlined-sql.ts';
import { plain } from '../../../scripts/partner/print.ts';
import { isDeniedHost } from '../../../src/resources/system/webhook-endpoints/denied-hosts.repository.ts';
import { START } from '../../support/api.ts';
import { allRows } from '../../support/d1.ts';
import { homes } from '../../support/homes.ts';
import { failureOf, runPartner } from '../../support/partner-command.ts';
import { makePartner } from '../../support/partners.ts';
import { writeEndpoint } from '../../support/webhooks.ts';

/** The names of all homes, in which every denial is written. */
const HOMES = homes.map(({ name }) => name);
const SINCE = new Date(START).toISOString();
const runHosts = (...args: string[]) => runPartner(['hosts', ...args]);

/** Returns whether no webhook goes to a URL. */
const isDenied = async (url: string) =>
  (await env.DB.prepare(`SELECT ${inlined(isDeniedHost(url))} AS denied`).first('denied')) === 1;

describe('hosts deny', () => {
  test('denies the host with all hosts below it, whatever the case, and no other one', async () => {
    const { json } = await runHosts('deny', 'Victim.Example');
    expect(json).toEqual({
      ...{ host: 'victim.example', denied_since: SINCE, homes: HOMES, concerned: [] },
    });
    for (const [url, denied] of [
      ['https://victim.example/hook', true],
      ['https://a.b.VICTIM.example/hook', true],
      ['https://notvictim.example/hook', false],
      ['https://victim.example.garage.com/hook', false],
    ] as const) {
      expect(await isDenied(url), url).toBe(denied);
    }
  });

  test('keeps the time of the first denial', async () => {
    await runHosts('deny', 'victim.example');
    const { json } = await runPartner(['hosts', 'deny', 'victim.example'], START + 1);
    expect(json).toMatchObject({ denied_since: SINCE });
    expect((await allRows()).denied_hosts).toEqual(
      HOMES.map(() => JSON.stringify({ host: 'victim.example', created_at: START })),
    );
  });

  test('names the partners whose endpoints it concerns, and how many each has', async () => {
    const make = () => makePartner({ home: homes[0] });
    const [first, second, third] = [await make(), await make(), await make()];
    for (const [partner, url] of [
      [first, 'https://victim.example'],
      [first, 'https://VICTIM.example:443/hook'],
      [first, 'https://garage.example/victim.example'],
      [second, 'https://a.b.victim.example?x=/'],
      [third, 'https://notvictim.example/'],
      [third, 'https://victim.example.garage.com/'],
      [third, 'http://localhost:3000/victim.example'],
    ] as const) {
      await writeEndpoint(partner, { url });
    }
    const { results } = await env.DB.prepare('SELECT name FROM partners ORDER BY id').all();
    const [one, two] = results.slice(-3).map(({ name }) => name);
    const outcome = await runHosts('deny', 'victim.example');
    expect(outcome.json).toMatchObject({
      concerned: [
        { partner: one, endpoints: 2 },
        { partner: two, endpoints: 1 },
      ],
    });
    expect(plain(outcome)).toContain(
      `This concerns 3 webhook endpoints of 2 partners: "${one}" (2), "${two}" (1).`,
    );
    expect(plain(await runHosts('deny', 'other.example'))).toContain(
      'concerns no webhook endpoint.',
    );
    expect(plain(await runHosts('deny', 'b.victim.example'))).toContain(
      `1 webhook endpoint of 1 partner: "${two}" (1).`,
    );
  });

  test.each([
    ...['https://victim.example', 'https://victim.example/hook', 'victim.example/hook'],
    ...['*.victim.example', '.victim.example', 'victim.example.', 'victim.example:443'],
    ...[
      'localhost',
      'victim',
      'db.internal',
      '127.0.0.1',
      '0x7f.1',
      '[::1]',
      'user@victim.example',
    ],
    ...['b\u00fccher.example', 'vic tim.example', 'victim_.example', '', '-a.example'],
    ...['-a-.example', `${'a'.repeat(64)}.example`, `${'a.'.repeat(130)}example`, "a'--.example"],
  ])('%j is refused with a sentence that says what to send, and nothing changes', async (text) => {
    const before = await allRows();
    for (const name of ['deny', 'allow']) {
      const failure = await failureOf(['hosts', name, '--', text]);
      expect(failure).toMatchObject({ name: 'WrongUse', exitCode: 2 });
      expect(failure.message).toMatch(/^The host is invalid\. Send the public name of one host/);
      expect(text.length > 3 && failure.message.includes(text)).toBe(false);
    }
    expect(await allRows()).toEqual(before);
  });
});

describe('hosts allow', () => {
  test('lets the host receive webhooks again, also if it was not denied', async () => {
    await runHosts('deny', 'victim.example');
    for (let i = 0; i < 2; i++) {
      const { json } = await runHosts('allow', 'VICTIM.example');
      expect(json).toEqual({ host: 'victim.example', still_denied_by: [] });
      expect(await isDenied('https://victim.example/')).toBe(false);
    }
  });

  test('says that a domain above the host is still denied', async () => {
    await runHosts('deny', 'victim.example');
    await runHosts('deny', 'a.victim.example');
    await runHosts('deny', 'im.example');
    const outcome = await runHosts('allow', 'a.victim.example');
    const above = { host: 'victim.example', denied_since: SINCE, homes: HOMES };
    expect(outcome.json).toEqual({ host: 'a.victim.example', still_denied_by: [above] });
    expect(plain(outcome)).toMatch(/a domain above it is denied:\n\nvictim\.example, since /);
  });
});

test('hosts list shows each denied host, and since when', async () => {
  expect(plain(await runHosts('list'))).toMatch(/^No host is denied in /);
  await runPartner(['hosts', 'deny', 'victim.example'], START + 1000);
  await runHosts('deny', 'a.example');
  const outcome = await runHosts('list');
  const later = new Date(START + 1000).toISOString();
  expect(outcome.json).toEqual({
    hosts: [
      { host: 'a.example', denied_since: SINCE, homes: HOMES },
      { host: 'victim.example', denied_since: later, homes: HOMES },
    ],
    unreachable_homes: [],
  });
  // With several homes, each line names those that deny the host.
  const where = HOMES.length === 1 ? '' : `, in ${HOMES.join(', ')}`;
  expect(plain(outcome)).toContain(
    `\n\na.example, since ${SINCE}${where}\nvictim.example, since ${later}${where}`,
  );
});
