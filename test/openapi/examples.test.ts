import { expect, test } from 'vitest';
import {
  type DocumentedMedia,
  document,
  operations,
  validatorOf,
  webhooks,
} from '../support/document.ts';

interface Example {
  readonly what: string;
  readonly schema: object;
  readonly value: unknown;
}

function examplesOf(what: string, { schema, example, examples = {} }: DocumentedMedia): Example[] {
  const values = Object.entries(examples).map(([name, { value }]) => [name, value] as const);
  const all = example === undefined ? values : [['example', example] as const, ...values];
  return all.map(([name, value]) => ({ what: `${what} ${name}`, schema, value }));
}

const bodies = [...operations, ...webhooks].flatMap(({ operationId, requestBody, responses }) => [
  ...Object.entries(requestBody?.content ?? {}).map(
    ([type, media]) => [`${operationId} request ${type}`, media] as const,
  ),
  ...Object.entries(responses).flatMap(([status, { content = {} }]) =>
    Object.entries(content).map(
      ([type, media]) => [`${operationId} ${status} ${type}`, media] as const,
    ),
  ),
]);

const parameters = operations.flatMap(({ operationId, parameters = [] }) =>
  parameters
    .filter(({ example }) => example !== undefined)
    .map(({ name, schema, example }) => ({
      what: `${operationId} ${name}`,
      schema,
      value: example,
    })),
);

/** Returns the examples within schemas, at any depth. */
function withinSchemas(what: string, node: unknown): Example[] {
  if (typeof node !== 'object' || node === null) {
    return [];
  }
  const { example, ...members } = node as { type?: unknown; example?: unknown };
  const own = example === undefined ? [] : [{ what, schema: members, value: example }];
  return [
    ...own,
    ...Object.entries(members).flatMap(([name, inner]) => withinSchemas(`${what} ${name}`, inner)),
  ];
}

const examples: Example[] = [
  ...bodies.flatMap(([what, media]) => examplesOf(what, media)),
  ...parameters,
  ...withinSchemas('component', document.components.schemas),
];

test.each(examples)('the example $what matches its schema', ({ schema, value }) => {
  expect(validatorOf(schema).validate(value).errors).toEqual([]);
});

test('every request body and every response body has an example', () => {
  const without = bodies.filter(([what, media]) => examplesOf(what, media).length === 0);
  expect(without.map(([what]) => what)).toEqual([]);
});

test('the validator rejects a value that does not match its schema', () => {
  const schema = document.components.schemas.PreparedTicketList;
  expect(validatorOf(schema).validate({ total: 'many' }).valid).toBe(false);
});
