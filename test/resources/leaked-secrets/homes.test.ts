import { env } from 'cloudflare:workers';
import { beforeEach, expect, test } from 'vitest';
import { TICKETS } from '../../support/api.ts';
import { WatchedD1 } from '../../support/d1.ts';
import { makeEndpoint } from '../../support/endpoints.ts';
import { captureLog } from '../../support/faults.ts';
import { FaultyD1 } from '../../support/faulty-d1.ts';
import { eu, nameDatabase, twoHomes, useEu } from '../../support/homes.ts';
import { labelsOf, REPORT_PATH, reportOf, ScannedApi } from '../../support/leak-reports.ts';
import { makePartner, type TestPartner } from '../../support/partners.ts';
import { signedBy } from '../../support/scanner.ts';
import { basic, requestToken } from '../../support/token-requests.ts';

useEu();

let api: ScannedApi;
let european: TestPartner;
let other: TestPartner;

beforeEach(async () => {
  api = new ScannedApi(twoHomes);
  european = await makePartner({ home: eu });
  other = await makePartner();
});

const secretsOf = (...partners: TestPartner[]) =>
  partners.flatMap(({ apiKey, clientSecret }) => [apiKey, clientSecret]);

const leaks = (from = api) => from.log.filter(({ event }) => event === 'leak');

/** Reports secrets to an isolate one of whose homes does not answer. */
async function refusedReport(isolate: ScannedApi, ...tokens: string[]): Promise<void> {
  const body = reportOf(...tokens);
  const response = await isolate.request('POST', REPORT_PATH, {
    body,
    headers: await signedBy(body),
  });
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).not.toBeNull();
}

test('secrets of all homes are revoked, and each line of the log names the home', async () => {
  const endpoint = await makeEndpoint(api, european);
  const secrets = [...secretsOf(european, other), endpoint.secret];
  expect(await labelsOf(api, ...secrets, 'ptk_live_x')).toEqual([
    ...secrets.map(() => 'true_positive'),
    'false_positive',
  ]);
  for (const partner of [european, other]) {
    expect((await new ScannedApi(twoHomes).get(TICKETS, partner)).status).toBe(401);
    expect((await requestToken(api, basic(partner))).status).toBe(401);
  }
  const homes = leaks().map(({ home, partner }) => `${home} ${partner}`);
  const inEu = `eu ${european.partnerId}`;
  const inMain = `main ${other.partnerId}`;
  expect(homes.sort()).toEqual([inEu, inEu, inEu, inMain, inMain].sort());
});

test('the request costs one round trip in each home, and one more where it revokes a secret', async () => {
  await labelsOf(api, european.apiKey);
  await labelsOf(api, other.apiKey);
  const trips = api.log.filter(({ event }) => event === 'request').map((line) => line.trips);
  // The first report also looks for the keys of the scanner.
  expect(trips[1]).toBe(3);
});

test.each(['main', 'eu'])(
  'if %s does not answer, the report is a 503, the others revoke theirs, and a repetition finds all',
  async (silent) => {
    captureLog();
    const secrets = secretsOf(european, other);
    const d1 = silent === 'main' ? new FaultyD1() : new FaultyD1(env.DB_EU);
    const isolate = new ScannedApi({ ...twoHomes, [silent === 'main' ? 'DB' : 'DB_EU']: d1.db });
    await labelsOf(isolate, 'ptk_live_x');
    d1.plan(() => 'overloaded');
    await refusedReport(isolate, ...secrets);
    const [answering, hanging] = silent === 'main' ? [european, other] : [other, european];
    expect((await new ScannedApi(twoHomes).get(TICKETS, answering)).status).toBe(401);
    expect((await new ScannedApi(twoHomes).get(TICKETS, hanging)).status).toBe(200);
    expect(new Set(leaks(isolate).map(({ partner }) => partner))).toEqual(
      new Set([answering.partnerId]),
    );
    expect(isolate.log.find(({ event }) => event === 'fault')).toMatchObject({ home: silent });
    d1.plan();
    expect(await labelsOf(isolate, ...secrets)).toEqual(secrets.map(() => 'true_positive'));
    expect((await new ScannedApi(twoHomes).get(TICKETS, hanging)).status).toBe(401);
  },
);

test('a home with a wrong database counts as one that does not answer', async () => {
  captureLog();
  await nameDatabase(env.DB_EU);
  const isolate = new ScannedApi({ ...twoHomes, DB_EU: new FaultyD1(env.DB_EU).db });
  await refusedReport(isolate, ...secretsOf(european, other));
  await nameDatabase(env.DB_EU, eu);
  expect((await new ScannedApi(twoHomes).get(TICKETS, european)).status).toBe(200);
  expect((await new ScannedApi(twoHomes).get(TICKETS, other)).status).toBe(401);
});

test('a report without a secret of this API asks no home', async () => {
  await labelsOf(api, 'x');
  const d1 = new WatchedD1();
  api.bindings = { ...api.bindings, DB_EU: d1.db };
  expect(await labelsOf(api, 'x')).toEqual(['false_positive']);
  expect(d1.calls).toBe(0);
});
