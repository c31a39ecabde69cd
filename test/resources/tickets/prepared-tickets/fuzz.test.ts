import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { catalogue } from '../../../../src/problems/catalogue.ts';
import { violationCodes } from '../../../../src/problems/violation-codes.ts';
import { TICKETS } from '../../../support/api.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import { examples } from '../../../support/thorough.ts';
import {
  CUSTOMER,
  createTicket,
  linesPath,
  NOBODY,
  newTicket,
  PRODUCT,
  storedRows,
  ticketPath,
  ticketUpdate,
} from '../../../support/tickets.ts';

/** Whatever is sent, the answer is a documented one, and a refusal is a problem that helps. */

let ticketId: string;

beforeEach(async () => {
  await makeApiAndPartner();
  ticketId = (await createTicket(api, partner)).id;
});

interface SeenProblem {
  type: string;
  title: string;
  status: number;
  detail: string;
  request_id: string;
  violations?: { code: string; detail: string }[];
}

const problems = Object.values(catalogue).map(
  ({ type, title, status }) => `${status} ${type} ${title}`,
);

/** TestApi has held the answer against the document already; this is about the kind of problem. */
async function expectSane(response: Response): Promise<void> {
  expect(response.status).toBeLessThan(500);
  if (response.status < 400) {
    return;
  }
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const { type, title, status, detail, request_id, violations } =
    await response.json<SeenProblem>();
  expect(problems).toContain(`${status} ${type} ${title}`);
  expect(status).toBe(response.status);
  expect(detail).toMatch(/\.$/);
  expect(request_id).toBe(response.headers.get('x-request-id'));
  expect((violations ?? []).length > 0).toBe(type === '/problems/violations');
  for (const violation of violations ?? []) {
    expect(Object.keys(violationCodes)).toContain(violation.code);
    expect(violation.detail).toMatch(/(?:send|leave|encode) .+\.$/i);
  }
}

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom<unknown>('', null, 0, -1, 2 ** 53, '\ud800', '\0', CUSTOMER, [], {}, '__proto__'),
);
const memberName = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'id', 'created_at', 'ticket_number', 'quantity', ''),
  fc.string({ unit: 'binary', maxLength: 10 }),
);

/** Bodies near a valid one: members left out, replaced and added. */
function nearly(valid: object): fc.Arbitrary<unknown> {
  const members = Object.entries(valid).map(([name, value]) => [
    name,
    fc.oneof({ weight: 3, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: odd }),
  ]);
  const kept = fc.record(Object.fromEntries(members), { requiredKeys: [] });
  const added = fc.array(fc.tuple(memberName, odd), { maxLength: 2 });
  return fc
    .tuple(kept, added)
    .map(([object, others]) => Object.fromEntries([...Object.entries(object), ...others]));
}

const line = { quantity: 1, product_id: PRODUCT };
const writes = [
  { name: 'POST prepared-tickets', method: 'POST', path: () => TICKETS, body: newTicket },
  { name: 'PUT prepared-tickets', method: 'PUT', path: ticketPath, body: ticketUpdate },
  {
    name: 'PUT product-lines',
    method: 'PUT',
    path: (id: string) => linesPath(id, PRODUCT),
    body: line,
  },
];

test.each(writes)(
  '$name with any JSON returns a documented response, and writes only if it succeeds',
  async ({ method, path, body }) => {
    const bodies = fc.oneof({ weight: 4, arbitrary: nearly(body) }, { weight: 1, arbitrary: odd });
    await fc.assert(
      fc.asyncProperty(bodies, async (value) => {
        const before = await storedRows();
        const content = JSON.stringify(value) ?? 'undefined';
        const response = await api.request(method, path(ticketId), { as: partner, body: content });
        const refused = !response.ok;
        await expectSane(response);
        if (refused) {
          expect(await storedRows()).toEqual(before);
        }
      }),
      { numRuns: examples(150) },
    );
  },
);

test.each(writes)(
  '$name with any bytes returns a documented response',
  async ({ method, path, body }) => {
    const valid = new TextEncoder().encode(JSON.stringify(body));
    const cut = fc
      .tuple(fc.nat({ max: valid.length }), fc.uint8Array({ maxLength: 4 }), fc.nat({ max: 4 }))
      .map(([at, bytes, skip]) =>
        Uint8Array.from([...valid.slice(0, at), ...bytes, ...valid.slice(at + skip)]),
      );
    await fc.assert(
      fc.asyncProperty(fc.oneof(cut, fc.uint8Array({ maxLength: 50 })), async (bytes) => {
        const content = Uint8Array.from(bytes);
        await expectSane(await api.request(method, path(ticketId), { as: partner, body: content }));
      }),
      { numRuns: examples(100) },
    );
  },
);

const parameter = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      'limit',
      'offset',
      'created_after',
      'created_before',
      'customer_id',
      'preparer_external_reference',
      'product_id',
      'ticket_number',
      'vin',
    ),
  },
  { weight: 1, arbitrary: memberName },
);
const parameterValue = fc.oneof(
  fc.constantFrom('', '0', '1', '1000', '01', '1e3', '9007199254740991', CUSTOMER, newTicket.vin),
  fc.constantFrom('2026-03-01T12:00:00Z', '2026-03-01T12:00:00+02:00', '2016-12-31T23:59:60Z'),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.integer().map(String),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const encodedQuery = fc
  .array(fc.tuple(parameter, parameterValue), { maxLength: 4 })
  .map((pairs) => String(new URLSearchParams(pairs)));
const rawQuery = fc.string({
  unit: fc.constantFrom(...'limt=&;+%09aF?/\\"<>é[]'),
  maxLength: 20,
});

test.each([
  ['prepared-tickets', () => TICKETS],
  ['product-lines', linesPath],
])('GET %s with any query returns a documented response', async (_name, path) => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(encodedQuery, rawQuery), async (query) => {
      await expectSane(await api.get(`${path(ticketId)}?${query}`, partner));
    }),
    { numRuns: examples(250) },
  );
});

test('any ids in the path get a documented response', async () => {
  const id = fc.oneof(
    fc.constantFrom(
      NOBODY,
      NOBODY.toUpperCase(),
      `${NOBODY}x`,
      '%',
      '%00',
      '%FF',
      '%2F',
      ';',
      '..',
    ),
    fc
      .string({ unit: 'binary', minLength: 1, maxLength: 10 })
      .map((text) => encodeURIComponent(text.toWellFormed())),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('GET', 'DELETE'), id, id, async (method, one, other) => {
      for (const path of [ticketPath(one), linesPath(one), linesPath(ticketId, other)]) {
        const response = await api.request(method, path, { as: partner });
        await expectSane(response);
      }
    }),
    { numRuns: examples(60) },
  );
});
