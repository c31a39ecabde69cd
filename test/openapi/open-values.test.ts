import { describe, expect, test } from 'vitest';
import { sentSchemas } from '../../scripts/checks/sent-schemas.ts';
import { closedForever } from '../../src/openapi/closed-values.ts';
import { document } from '../support/document.ts';

const sent = sentSchemas(document);

/** A pattern that is a list of words, such as `(?:a1|b2)`, or a single word. */
const isListOfWords = (pattern: string) =>
  /\((?:\?:)?[\w-]{2,}(?:\|[\w-]{2,})+\)/.test(pattern) || /^\^[\w .=-]+\$$/.test(pattern);

/** Returns whether a schema excludes every value that it does not list. */
const isClosed = ({ pattern, ...schema }: Record<string, unknown>) =>
  ['enum', 'const', 'discriminator'].some((keyword) => keyword in schema) ||
  isListOfWords(String(pattern ?? ''));

const closed = sent.filter(({ schema }) => isClosed(schema)).map(({ place }) => place);

describe('in what the API sends', () => {
  test('a list of values is open, unless it is closed for ever for a reason', () => {
    expect(closed.filter((place) => !(place in closedForever))).toEqual([]);
  });

  test('each list of values that is closed for ever exists', () => {
    expect(Object.keys(closedForever).filter((place) => !closed.includes(place))).toEqual([]);
  });

  test('every object can have further members', () => {
    const limits = ['unevaluatedProperties', 'propertyNames', 'maxProperties', 'not'];
    const refusing = sent.filter(
      ({ schema }) =>
        schema.additionalProperties === false || limits.some((keyword) => keyword in schema),
    );
    expect(refusing.map(({ place }) => place)).toEqual([]);
  });

  /** The open lists: strings with examples, which are the values that are known today. */
  const open = sent.filter(({ schema }) => Array.isArray(schema.examples));

  test.each(open)('the description of $place names each value that is known today', (one) => {
    const { examples, description } = one.schema;
    for (const value of examples as string[]) {
      expect(description).toContain(`\`${value}\``);
    }
  });

  test('a list of open values has room for more of them', () => {
    const places = new Set(open.map(({ place }) => place));
    const items = ({ items }: Record<string, unknown>) => (items as { $ref?: string }) ?? {};
    const lists = sent.filter(
      ({ place, schema }) =>
        places.has(`${place}[]`) || places.has(items(schema).$ref?.split('/').at(-1) ?? ''),
    );
    expect(lists.length).toBeGreaterThan(3);
    for (const { place, schema } of lists) {
      expect(schema.maxItems, place).toBeGreaterThanOrEqual(100);
    }
  });
});
