import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { deploymentOf } from '../../scripts/build/deployment.ts';
import { buildDocumentWithSamples } from '../../scripts/build/document.ts';
import { docsSite } from '../../scripts/build/site/pages.ts';
import { createApp } from '../../src/app.ts';
import { ConfigError, configOf } from '../../src/config.ts';
import { ORIGIN, TestApi, TICKETS } from '../support/api.ts';
import { WatchedD1 } from '../support/d1.ts';
import { stillWorld } from '../support/dependencies.ts';
import { captureLog } from '../support/faults.ts';
import { makePartner } from '../support/partners.ts';

/** Returns a deployment with a support address whose database fails every statement. */
function broken(SUPPORT_CONTACT?: string): TestApi {
  const d1 = new WatchedD1();
  d1.fault = new Error('D1_ERROR: UNIQUE constraint failed: SQLITE_CONSTRAINT');
  return new TestApi({ SUPPORT_CONTACT, DB: d1.db });
}

async function detailOf500(api: TestApi): Promise<string> {
  const response = await api.request('GET', TICKETS, { as: await makePartner() });
  expect(response.status).toBe(500);
  return (await response.json<{ detail: string }>()).detail;
}

/** Returns what the build makes for a deployment with a support address. */
const builtFor = (SUPPORT_CONTACT?: string) =>
  buildDocumentWithSamples(
    createApp(stillWorld),
    deploymentOf({ ISSUER: ORIGIN, SUPPORT_CONTACT }),
    env.GUIDES,
  );

const documentFor = (SUPPORT_CONTACT?: string) => builtFor(SUPPORT_CONTACT).document;

beforeEach(() => {
  captureLog();
});

describe('a deployment with a support address', () => {
  const address = 'help@tickets.test';
  const told = `send the request_id to ${address}`;

  test('names it in a 500 response', async () => {
    expect(await detailOf500(broken(address))).toContain(told);
  });

  test('names it in the guides, on /problems and as the contact of the document', async () => {
    const api = new TestApi({ SUPPORT_CONTACT: address });
    const document = documentFor(address);
    expect(document.info.contact).toEqual({ name: 'Support', email: address });
    expect(document.info.description).toContain(told);
    const problems = await api.request('GET', '/problems', {
      headers: { accept: 'application/json' },
    });
    expect(await problems.text()).toContain(told);
    const site = docsSite(builtFor(address), { issuer: ORIGIN, supportContact: address }, []);
    expect(site.about.support).toBe(`mailto:${address}`);
  });

  test('links to it on each page of the docs, but not in examples', () => {
    const { pages } = docsSite(builtFor(address), { issuer: ORIGIN, supportContact: address }, []);
    const { markdown = '' } =
      pages.find(({ path }) => path === '/docs/problems/internal-server-error') ?? {};
    const [text, example] = markdown.split('```json');
    expect(text).toContain(`send the request_id to [${address}](mailto:${address})`);
    expect(example).toContain(`${told}."`);
  });

  test('links to it if it is a page', async () => {
    const page = 'https://tickets.test/support';
    const built = builtFor(page);
    const { info } = built.document;
    expect(docsSite(built, { issuer: ORIGIN, supportContact: page }, []).about.support).toBe(page);
    expect(info.contact).toEqual({ name: 'Support', url: page });
    expect(info.description).toContain(`send the request_id to ${page}`);
  });
});

describe.each([undefined, ''])('a deployment without a support address (%j)', (none) => {
  test('has no link, and asks callers to report the request_id', async () => {
    const { info } = documentFor(none);
    expect(info.contact).toEqual({ name: 'Support' });
    expect(info.description).toContain('tell us the request_id');
    expect(await detailOf500(broken(none))).toContain('tell us the request_id');
  });
});

test.each([
  ['help@tickets.test', 'help@tickets.test'],
  ['mailto:help@tickets.test', 'help@tickets.test'],
  ['https://tickets.test/support', 'https://tickets.test/support'],
])('SUPPORT_CONTACT accepts %s', (SUPPORT_CONTACT, contact) => {
  expect(configOf({ ...env, SUPPORT_CONTACT } as never).supportContact).toBe(contact);
  expect(deploymentOf({ SUPPORT_CONTACT }).supportContact).toBe(contact);
});

test.each([
  'http://tickets.test/support',
  'tickets.test',
  'mailto:',
  'tel:1',
  'a@b@c',
  'x y@z.test',
])('SUPPORT_CONTACT rejects %s', (SUPPORT_CONTACT) => {
  const parse = () => configOf({ ...env, SUPPORT_CONTACT } as never);
  expect(parse).toThrow(ConfigError);
  expect(parse).toThrow(/: SUPPORT_CONTACT$/);
  expect(() => deploymentOf({ SUPPORT_CONTACT })).toThrow('SUPPORT_CONTACT');
});
