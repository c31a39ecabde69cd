import { beforeEach, describe, expect, test } from 'vitest';
import { TICKETS } from '../../support/api.ts';
import { api, makeApiAndPartner, partner } from '../../support/each-test.ts';
import { newTicket } from '../../support/tickets.ts';

beforeEach(makeApiAndPartner);

const relationsOf = (response: Response) =>
  [...(response.headers.get('link') ?? '').matchAll(/rel="([^"]+)"/g)].map(([, rel]) => rel);

const documents = ['service-desc', 'service-doc'];

describe('the Link header (RFC 8631)', () => {
  test('links to the documents in every response under /v2', async () => {
    for (const [what, response] of Object.entries({
      created: await api.post(TICKETS, partner, newTicket),
      refused: await api.get(TICKETS),
      missing: await api.get(`${TICKETS}/${crypto.randomUUID()}`, partner),
      nowhere: await api.get('/v2/nothing'),
      wrong: await api.request('PATCH', TICKETS),
    })) {
      expect(relationsOf(response), what).toEqual(documents);
    }
  });

  test('links to the documents after the pages of a list', async () => {
    await api.post(TICKETS, partner, newTicket);
    const response = await api.get(TICKETS, partner);
    expect(relationsOf(response)).toEqual(['first', 'last', ...documents]);
  });

  test('links to the documents from /', async () => {
    expect(relationsOf(await api.get('/'))).toEqual([...documents, 'api-catalog']);
  });

  test('names the media type that each link target returns', async () => {
    const link = (await api.get('/')).headers.get('link') ?? '';
    const targets = [...link.matchAll(/<([^>]+)>; rel="[^"]+"(?:; type="([^"]+)")?/g)];
    expect(targets).toHaveLength(3);
    // The docs site does not pass through the app.
    for (const [, path, type = 'application/linkset+json'] of targets.filter(
      ([, path]) => path !== '/docs',
    )) {
      const response = await api.get(path as string);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toContain(type);
    }
  });
});
