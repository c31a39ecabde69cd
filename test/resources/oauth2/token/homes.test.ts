import { beforeEach, describe, expect, test } from 'vitest';
import { newClientSecret } from '../../../../src/auth/secrets.ts';
import { MAIN_HOME } from '../../../../src/homes.ts';
import { TestApi, TICKETS } from '../../../support/api.ts';
import { CountingLimit } from '../../../support/counting-limit.ts';
import { eu, twoHomes, useEu } from '../../../support/homes.ts';
import { makePartner, type TestPartner } from '../../../support/partners.ts';
import { basic, post, requestToken, type Token } from '../../../support/token-requests.ts';

useEu();

let api: TestApi;
let european: TestPartner;
let other: TestPartner;

beforeEach(async () => {
  api = new TestApi(twoHomes);
  european = await makePartner({ home: eu });
  other = await makePartner();
});

/** Replaces one character of the checksum of a secret. */
const altered = (secret: string) => secret.slice(0, -1) + (secret.endsWith('0') ? '1' : '0');

describe('the token endpoint', () => {
  test.each([basic, post])(
    'gives the clients of both homes tokens of their partner, %o',
    async (proof) => {
      for (const partner of [european, other]) {
        const response = await requestToken(api, proof(partner));
        expect(response.status, await response.clone().text()).toBe(200);
        const { access_token } = await response.json<Token>();
        const headers = {
          authorization: `Bearer ${access_token}`,
          'x-api-key': partner.apiKey,
        };
        expect((await api.request('GET', TICKETS, { headers })).status).toBe(200);
        const list = await api.request('GET', '/v2/system/partner', { headers });
        expect(await list.json()).toMatchObject({ name: `partner ${partner.partnerId}` });
      }
    },
  );

  const wrong: [string, () => Pick<TestPartner, 'clientId' | 'clientSecret'>][] = [
    ['an altered checksum', () => withSecret(european, altered(european.clientSecret))],
    ['an altered checksum of main', () => withSecret(other, altered(other.clientSecret))],
    [
      'a home that does not exist',
      () => withSecret(european, european.clientSecret.replace('pts_eu_', 'pts_us_')),
    ],
    [
      'no home in place of its own',
      () => withSecret(european, european.clientSecret.replace('pts_eu_', 'pts_')),
    ],
    [
      'another home in place of main',
      () => withSecret(other, other.clientSecret.replace('pts_', 'pts_eu_')),
    ],
    ['the secret of a client of main', () => withSecret(european, other.clientSecret)],
    ['the secret of a client of eu', () => withSecret(other, european.clientSecret)],
    ['another secret of its home', () => withSecret(european, newClientSecret({ name: 'eu' }))],
    ['a secret of main', () => withSecret(european, newClientSecret(MAIN_HOME))],
  ];

  test.each(wrong)(
    'gives no token for %s, and answers as for an unknown client',
    async (_, client) => {
      const unknown = { clientId: crypto.randomUUID(), clientSecret: newClientSecret(MAIN_HOME) };
      const answers = [];
      for (const each of [unknown, client()]) {
        const [ADDRESS_LIMIT, PARTNER_LIMIT] = [new CountingLimit(), new CountingLimit()];
        const limits = { RATE_LIMITS: 'on', ADDRESS_LIMIT, PARTNER_LIMIT };
        const isolate = new TestApi({ ...twoHomes, ...limits });
        const response = await requestToken(isolate, basic(each));
        answers.push({
          status: response.status,
          body: await response.json(),
          challenge: response.headers.get('www-authenticate'),
          policies: response.headers.get('ratelimit-policy'),
          trips: isolate.log.find(({ event }) => event === 'request')?.trips,
          counts: [ADDRESS_LIMIT, PARTNER_LIMIT].map(({ counts }) => [...counts.values()]),
        });
      }
      expect(answers[0]?.status).toBe(401);
      expect(answers[1]).toEqual(answers[0]);
    },
  );
});

const withSecret = ({ clientId }: TestPartner, clientSecret: string) => ({
  clientId,
  clientSecret,
});
