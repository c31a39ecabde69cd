import { beforeEach, expect, test } from 'vitest';
import { api, makeApiAndPartner, partner } from '../../../../support/each-test.ts';
import { makePartner } from '../../../../support/partners.ts';
import {
  createTicket,
  linesPath,
  PRODUCT,
  putLine,
  ticketPath,
  ticketUpdate,
} from '../../../../support/tickets.ts';

beforeEach(makeApiAndPartner);

const readiness = async (id: string, as = partner) => api.get(`${ticketPath(id)}/readiness`, as);

test('follows the VIN and the product lines of the ticket', async () => {
  const { id } = await createTicket(api, partner, { vin: null });
  const read = async () => (await readiness(id)).json();
  expect(await read()).toEqual({ ready: false, missing: ['vin', 'product_lines'] });
  await putLine(api, partner, id, PRODUCT);
  expect(await read()).toEqual({ ready: false, missing: ['vin'] });
  await api.put(ticketPath(id), partner, ticketUpdate);
  expect(await read()).toEqual({ ready: true, missing: [] });
  await api.delete(linesPath(id, PRODUCT), partner);
  expect(await read()).toEqual({ ready: false, missing: ['product_lines'] });
});

test("returns 404 for an unknown ticket and for another partner's", async () => {
  const { id } = await createTicket(api, partner);
  expect((await readiness(crypto.randomUUID())).status).toBe(404);
  expect((await readiness(id, await makePartner())).status).toBe(404);
});
