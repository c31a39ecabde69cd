import { beforeEach, expect, test } from 'vitest';
import { TestApi } from '../../../support/api.ts';
import { ENDPOINTS, HOOK } from '../../../support/endpoints.ts';
import { makePartner, type TestPartner } from '../../../support/partners.ts';

let api: TestApi;
let partner: TestPartner;

beforeEach(async () => {
  api = new TestApi();
  partner = await makePartner();
});

/** Only its headers matter. A body that trickles would hold the partner's request for 15 seconds. */
test('the body of the answer to a question is not read', async () => {
  let pulls = 0;
  api.fetch = async () =>
    new Response(
      new ReadableStream({
        pull(controller) {
          pulls += 1;
          controller.enqueue(new Uint8Array(1));
        },
      }),
      { status: 404 },
    );
  expect((await api.post(ENDPOINTS, partner, { url: HOOK })).status).toBe(409);
  expect(pulls).toBeLessThan(5);
});
