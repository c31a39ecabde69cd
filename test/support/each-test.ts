import { TestApi } from './api.ts';
import { makePartner, type TestClient, type TestPartner } from './partners.ts';

/** The API that the running test calls. */
export let api: TestApi;
/** The partner that calls it. No other test knows this partner. */
export let partner: TestPartner;

/** Gives a test an API and a partner of its own: `beforeEach(makeApiAndPartner)`. */
export const makeApiAndPartner = (): Promise<void> => makePartnerOf(new TestApi());

/** Gives a test an API that differs from the usual one, and a partner with these properties. */
export async function makePartnerOf(isolate: TestApi, client: TestClient = {}): Promise<void> {
  useApi(isolate);
  partner = await makePartner(client);
}

/** Sends the further requests of a test to another isolate, or to one with other bindings. */
export function useApi(isolate: TestApi): void {
  api = isolate;
}
