import { describe, expect, test } from 'vitest';
import { compareDocuments } from '../../scripts/checks/changes/compare.ts';
import { document } from '../support/document.ts';

const TICKETS = '/v2/tickets/prepared-tickets';
const TICKET = `${TICKETS}/{prepared-ticket-id}`;

// biome-ignore lint/suspicious/noExplicitAny: a change can reach any corner of the document
type Any = any;

/**
 * Returns the differences between the document and an edited copy.
 *
 * @param from whether the document is the version `before` or `after` the edit.
 */
function changesOf(edit: (copy: Any) => unknown, from: 'before' | 'after' = 'before') {
  const copy = structuredClone(document);
  edit(copy);
  const changes =
    from === 'before' ? compareDocuments(document, copy) : compareDocuments(copy, document);
  const texts = (wanted: boolean) =>
    changes.filter(({ breaking }) => breaking === wanted).map(({ text }) => text);
  return { breaking: texts(true), notes: texts(false) };
}

const schema = (copy: Any, name: string) => copy.components.schemas[name];

/** Returns the target of a parameter or response that may be a reference. */
function target(copy: Any, node: Any): Any {
  const steps: string[] = node.$ref?.slice(2).split('/') ?? [];
  return steps.length === 0 ? node : steps.reduce((at, step) => at[step], copy);
}

/** Changes keywords of a member of a schema. */
const change = (name: string, member: string, keywords: object) => (copy: Any) =>
  Object.assign(schema(copy, name).properties[member], keywords);

/** Makes the open list of values of a schema a closed one, with other keywords. */
const close = (name: string, keywords: object) => (copy: Any) => {
  const { examples, description, type } = schema(copy, name);
  copy.components.schemas[name] = { type, description, enum: examples, ...keywords };
};

/** Changes members of the operation that lists tickets. */
const changeList = (members: object) => (copy: Any) =>
  Object.assign(copy.paths[TICKETS].get, members);

/** Changes keywords of its parameter `limit`. */
const changeLimit = (keywords: object) => (copy: Any) => {
  const parameters: Any[] = copy.paths[TICKETS].get.parameters;
  const limit = parameters.map((each) => target(copy, each)).find(({ name }) => name === 'limit');
  return Object.assign(limit.schema, keywords);
};

test('a change of a header that many responses share is reported once', () => {
  const edit = (copy: Any) => {
    copy.components.headers.Limits.schema.pattern = '^x$';
  };
  const { pattern } = document.components.headers.Limits.schema;
  const what = `pattern was ${JSON.stringify(pattern)} and is "^x$"`;
  expect(changesOf(edit).breaking).toEqual([`header RateLimit-Policy: ${what}`]);
});

test('a new wording is not a change', () => {
  const { breaking, notes } = changesOf((copy) => {
    copy.info.description = 'Other words.';
    copy.paths[TICKETS].get.summary = 'Other words';
    schema(copy, 'PreparedTicket').description = 'Other words.';
  });
  expect([...breaking, ...notes]).toEqual([]);
});

const breaks: [what: string, edit: (copy: Any) => unknown, found: RegExp][] = [
  ['a removed path', (c) => delete c.paths[TICKETS], /^GET \S+: the operation is gone$/],
  ['a removed operation', (c) => delete c.paths[TICKET].delete, /^DELETE .*operation is gone/],
  ['a changed operation id', changeList({ operationId: 'x' }), /operationId/],
  ['a changed scope', changeList({ security: [{ OAuth2: ['x'], ApiKey: [] }] }), /security was/],
  [
    'a public operation that now requires an API key',
    (c) => Object.assign(c.paths['/health'].get, { security: [{ ApiKey: [] }] }),
    /security was \[\] /,
  ],
  [
    'a removed status',
    (c) => delete c.paths[TICKETS].post.responses[201],
    / 201: the status is gone/,
  ],
  [
    'a changed problem type',
    (c) => {
      for (const item of Object.values<Any>(c.paths)) {
        for (const { responses } of Object.values<Any>(item)) {
          const { content = {} } = target(c, responses[401] ?? {});
          const shown = content['application/problem+json']?.examples ?? {};
          const example = target(c, shown.apiKeyInvalid ?? {});
          Object.assign(example.value ?? {}, { type: '/problems/x' });
        }
      }
    },
    /^problems 401: the type \/problems\/api-key-invalid is gone$/,
  ],
  [
    'a webhook that is gone',
    (c) => delete c.webhooks['product_line.put'],
    /^webhook product_line\.put: the webhook is gone$/,
  ],
  [
    'a member of a webhook that is gone',
    (c) => delete schema(c, 'WebhookEvent').properties.actor,
    /^webhook \S+\.data\.actor: the member is gone$/,
  ],
  [
    'a header of a webhook that is gone',
    (c) => c.webhooks['product_line.put'].post.parameters.shift(),
    /^webhook product_line\.put header .*webhook-id: the header is gone$/,
  ],
  ['a removed parameter', (c) => c.paths[TICKETS].get.parameters.shift(), /the parameter is gone/],
  [
    'a new required parameter',
    (c) =>
      c.paths[TICKETS].get.parameters.push({ name: 'x', in: 'query', required: true, schema: {} }),
    /query x: a new parameter that is required/,
  ],
  [
    'a tighter limit of a parameter',
    changeLimit({ maximum: 10 }),
    /query limit: maximum was 1000 and is 10/,
  ],
  ['a changed default', changeLimit({ default: 10 }), /default was 25 and is 10/],
  [
    'a removed member of a response',
    (c) => delete schema(c, 'PreparedTicket').properties.vin,
    /vin: the member is gone/,
  ],
  [
    'a member that may now be absent',
    (c) => schema(c, 'PreparedTicket').required.pop(),
    /200.*: now optional/,
  ],
  [
    'a member that may now be null',
    change('PreparedTicket', 'id', { type: ['string', 'null'] }),
    /\.id: type was/,
  ],
  [
    'a changed type',
    change('PreparedTicket', 'ticket_number', { type: 'string' }),
    /type was "integer" and is "string"/,
  ],
  [
    'a changed format',
    change('PreparedTicket', 'id', { format: 'email' }),
    /\.id: format was "uuid"/,
  ],
  [
    'a longer string in a response',
    change('PreparedTicket', 'preparer_external_reference', { maxLength: 999 }),
    /maxLength was 255 and is 999/,
  ],
  [
    'a list of values in a response that is gone',
    change('AccessToken', 'token_type', { enum: undefined }),
    /token_type: any value is possible now/,
  ],
  [
    'a new required member of a request',
    (c) => {
      schema(c, 'NewPreparedTicket').properties.x = { type: 'string' };
      schema(c, 'NewPreparedTicket').required.push('x');
    },
    /body\.x: a new member that is required/,
  ],
  [
    'a member of a request that is now required',
    (c) => schema(c, 'NewPreparedTicket').required.push('voucher_code'),
    /body\.voucher_code: now always there/,
  ],
  [
    'a removed member of a request',
    (c) => delete schema(c, 'NewPreparedTicket').properties.vin,
    /body\.vin: the member is gone/,
  ],
  [
    'a tighter limit of a member of a request',
    change('ProductLineUpdate', 'quantity', { minimum: 2 }),
    /body\.quantity: minimum was 1 and is 2/,
  ],
  [
    'an enumeration that excludes values',
    change('ProductLineUpdate', 'quantity', { enum: [1] }),
    /body\.quantity: any other value is no longer possible/,
  ],
  [
    'a member of a request that no longer accepts null',
    change('NewPreparedTicket', 'vin', { type: 'string' }),
    /body\.vin: type was/,
  ],
  [
    'a changed media type',
    (c) => Object.assign(c.paths[TICKETS].post.requestBody, { content: { 'text/plain': {} } }),
    /application\/json is gone/,
  ],
  [
    'a removed header',
    (c) => delete target(c, c.paths[TICKETS].post.responses[201]).headers.Location,
    /header Location: the header is gone/,
  ],
];

describe('the comparison reports as breaking', () => {
  test.each(breaks)('%s', (_what, edit, found) => {
    expect(changesOf(edit).breaking.join('\n')).toMatch(new RegExp(found.source, 'm'));
  });
});

describe('the comparison reports as not breaking', () => {
  test.each<[string, (copy: Any) => unknown, 'before' | 'after']>([
    ['a new operation', (c) => delete c.paths[TICKET].delete, 'after'],
    ['a new webhook', (c) => delete c.webhooks['product_line.put'], 'after'],
    ['a new status', (c) => delete c.paths[TICKETS].post.responses[422], 'after'],
    ['a new optional parameter', (c) => c.paths[TICKETS].get.parameters.shift(), 'after'],
    ['a looser limit of a request', changeLimit({ maximum: 10 }), 'after'],
    [
      'a new member of a response',
      (c) => Object.assign(schema(c, 'PreparedTicket').properties, { x: {} }),
      'before',
    ],
    [
      'a new optional member of a request',
      (c) => Object.assign(schema(c, 'NewPreparedTicket').properties, { x: {} }),
      'before',
    ],
    [
      'a new problem type',
      (c) => {
        const { content } = target(c, c.paths[TICKETS].get.responses[401]);
        content['application/problem+json'].examples.x = { value: { type: '/problems/x' } };
      },
      'before',
    ],
    ['a new violation code', (c) => schema(c, 'ViolationCode').examples.push('x'), 'before'],
    ['a list of values that is now open', close('ViolationCode', { pattern: '^[a-z]+$' }), 'after'],
    [
      'more items in a list of open values',
      change('Readiness', 'missing', { maxItems: 2 }),
      'after',
    ],
    ['a deprecation', changeList({ deprecated: true }), 'before'],
  ])('%s', (_what, edit, from) => {
    const { breaking, notes } = changesOf(edit, from);
    expect(breaking).toEqual([]);
    expect(notes.length).toBeGreaterThan(0);
  });
});
