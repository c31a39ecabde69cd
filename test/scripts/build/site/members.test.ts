import { expect, test } from 'vitest';
import type { Schema } from '../../../../scripts/build/forms/read.ts';
import { itemOf, membersOf } from '../../../../scripts/build/site/reference/members.ts';

const schemas: Record<string, Schema> = {
  Line: {
    type: 'object',
    properties: { quantity: { type: 'integer', minimum: 1, maximum: 9, description: 'How many.' } },
    required: ['quantity'],
  },
};
const resolve = (schema: Schema): Schema => schemas[schema.$ref ?? ''] ?? schema;

const ticket: Schema = {
  type: 'object',
  properties: {
    vin: {
      type: ['string', 'null'],
      minLength: 17,
      maxLength: 17,
      pattern: '^[A-Za-z0-9]*$',
      description: 'The VIN.',
    },
    id: { type: 'string', format: 'uuid', description: 'Read-only: ignored in requests.' },
    lines: { type: 'array', items: { $ref: 'Line' }, maxItems: 50, description: 'The lines.' },
  },
  required: ['vin'],
};

test('the members of a request state what to send, without regular expressions', () => {
  expect(membersOf(ticket, true, resolve).split('\n')).toEqual([
    '- `vin` string or null, **required**<br>The VIN. 17 letters and digits.',
    '- `lines` array of objects<br>The lines. Up to 50 items.',
    '  - `quantity` integer, **required**<br>How many. From 1 to 9.',
    '- `id` read-only<br>Ignored, so that you can send back a body that you read.',
  ]);
});

test('the members of a response state what they mean, and no limits', () => {
  expect(membersOf(ticket, false, resolve).split('\n').slice(0, 2)).toEqual([
    '- `vin` string or null<br>The VIN.',
    '- `id` string (UUID)<br>Read-only: ignored in requests.',
  ]);
});

test('a parameter states its default', () => {
  const limit: Schema = { type: 'integer', minimum: 0, maximum: 1000, default: 25 };
  const options = { isRequired: false, hasRules: true, text: 'The page size.', resolve };
  expect(itemOf('limit', limit, options)).toBe(
    '- `limit` integer<br>The page size. From 0 to 1000. Default: `25`.',
  );
});

test('the violations of a response link to the page that explains them', () => {
  const violations: Schema = {
    type: 'array',
    items: { $ref: '#/components/schemas/Violation' },
    description: 'What is wrong.',
  };
  const list = membersOf({ type: 'object', properties: { violations } }, false, resolve);
  expect(list).toContain('See [its members](/docs/problems/violations).');
});
