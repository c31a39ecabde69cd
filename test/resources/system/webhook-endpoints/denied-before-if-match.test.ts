import { env } from 'cloudflare:workers';
import { beforeEach, expect, test } from 'vitest';
import { TestApi } from '../../../support/api.ts';
import { endpointPath, HOOK } from '../../../support/endpoints.ts';
import { makePartner, type TestPartner } from '../../../support/partners.ts';
import { writeEndpoint } from '../../../support/webhooks.ts';

let api: TestApi;
let partner: TestPartner;

beforeEach(async () => {
  api = new TestApi();
  partner = await makePartner();
});

/** The operator's deny list is part of the state, so its 400 precedes 412 (contract, "Problems"). */
test('a denied host is refused before If-Match, like other violations that depend on the state', async () => {
  const endpoint = await writeEndpoint(partner);
  await env.DB.prepare(
    "INSERT INTO denied_hosts (host, created_at) VALUES ('garage.example', 1)",
  ).run();
  const read = await (await api.get(endpointPath(endpoint), partner)).json<object>();
  const put = await api.request('PUT', endpointPath(endpoint), {
    ...{ as: partner, body: { ...read, url: HOOK }, headers: { 'if-match': '"99"' } },
  });
  expect(put.status).toBe(400);
});
