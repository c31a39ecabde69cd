import type { OpenAPIDocument } from '../../../src/openapi/document.ts';
import { resolved } from '../../build/forms/read.ts';
import { type Changes, child, compareParts, isNode, type Node } from './change.ts';

/**
 * The direction of a value. A request schema may only widen, because the API must keep accepting what
 * partners send. A response schema may only narrow, because partners rely on the documented values.
 */
export type Direction = 'request' | 'response';

/** The two documents that are compared, and the collected changes. */
export interface Sides {
  readonly oldDocument: OpenAPIDocument;
  readonly newDocument: OpenAPIDocument;
  readonly direction: Direction;
  readonly changes: Changes;
}

const TYPES = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];
const LEAST = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const MOST = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];

/** Returns every JSON type that a schema accepts. A schema for numbers also accepts integers. */
function typesOf({ type }: Node): Set<string> {
  const types = new Set(type === undefined ? TYPES : ([type].flat() as string[]));
  return types.has('number') ? types.add('integer') : types;
}

/** Returns the values of a `const` or `enum` as JSON; undefined if the schema has neither. */
function valuesOf(schema: Node): Set<string> | undefined {
  const values = 'const' in schema ? [schema.const] : (schema.enum as unknown[] | undefined);
  return values && new Set(values.map((value) => JSON.stringify(value)));
}

/**
 * Returns the values that an open list has at present, as JSON; undefined if the schema is none. Only the schema of a
 * string whose values can grow has `examples`.
 */
const knownOf = ({ examples }: Node): Set<string> | undefined =>
  Array.isArray(examples) ? new Set(examples.map((value) => JSON.stringify(value))) : undefined;

/** Returns the elements of the first set that the second lacks. */
const without = (a: Set<string>, b: Set<string>) => [...a].filter((each) => !b.has(each));

const textOf = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value));

/** Compares two schemas with all schemas inside them. */
export function compareSchemas(
  sides: Sides,
  at: string,
  oldSchema: Node,
  newSchema: Node,
  above: readonly string[] = [],
): void {
  const pair = `${oldSchema.$ref} ${newSchema.$ref}`;
  if (oldSchema.$ref !== undefined && above.includes(pair)) {
    return;
  }
  const before = resolved(sides.oldDocument, oldSchema);
  const after = resolved(sides.newDocument, newSchema);
  const inside = [...above, pair];
  const deeper = (where: string, a: Node, b: Node) => compareSchemas(sides, where, a, b, inside);
  compareTypes(sides, at, before, after);
  compareValues(sides, at, before, after);
  compareLimits(sides, at, before, after);
  compareMembers(sides, at, before, after, deeper);
  if (isNode(before.items) || isNode(after.items)) {
    deeper(`${at}[]`, child(before, 'items'), child(after, 'items'));
  }
  for (const key of ['anyOf', 'oneOf', 'allOf']) {
    const [olds, news] = [before[key] ?? [], after[key] ?? []] as [Node[], Node[]];
    if (olds.length !== news.length) {
      const widens = news.length > olds.length && olds.length > 0 && key !== 'allOf';
      const harmless = widens && sides.direction === 'request';
      const what = `${key} had ${olds.length} schemas and has ${news.length}`;
      sides.changes[harmless ? 'note' : 'breaking'](at, what);
    }
    for (const [i, old] of olds.entries()) {
      if (news[i]) {
        deeper(`${at} (${key} ${i + 1})`, old, news[i]);
      }
    }
  }
}

function compareTypes({ direction, changes }: Sides, at: string, before: Node, after: Node): void {
  const [olds, news] = [typesOf(before), typesOf(after)];
  const lost = without(olds, news);
  const gained = without(news, olds);
  const broken = direction === 'request' ? lost : gained;
  if (lost.length + gained.length > 0) {
    const what = `type was ${textOf(before.type)} and is ${textOf(after.type)}`;
    changes[broken.length > 0 ? 'breaking' : 'note'](at, what);
  }
}

function compareValues({ direction, changes }: Sides, at: string, before: Node, after: Node): void {
  const [olds, news] = [valuesOf(before), valuesOf(after)];
  const lost = news ? without(olds ?? new Set(['any other value']), news) : [];
  const gained = olds ? without(news ?? new Set(['any value']), olds) : [];
  for (const value of lost) {
    changes[direction === 'request' ? 'breaking' : 'note'](at, `${value} is no longer possible`);
  }
  for (const value of gained) {
    // The guides announce that lists of codes can grow, so only the removal of the list breaks partners.
    const opens = direction === 'response' && news === undefined && knownOf(after) === undefined;
    changes[opens ? 'breaking' : 'note'](at, `${value} is possible now`);
  }
  const [knew, knows] = [knownOf(before), knownOf(after)];
  if (knew && knows) {
    without(knew, knows).forEach((value) => void changes.note(at, `${value} is no longer known`));
    without(knows, knew).forEach((value) => void changes.note(at, `${value} is known now`));
  }
  if (textOf(before.default) !== textOf(after.default)) {
    const what = `default was ${textOf(before.default)} and is ${textOf(after.default)}`;
    changes[direction === 'request' ? 'breaking' : 'note'](at, what);
  }
}

/** The length keywords. The formats in `WITH_LENGTH` imply a length, so a change of the keywords says nothing. */
const LENGTHS = ['minLength', 'maxLength'];
const WITH_LENGTH: unknown[] = ['uuid', 'date-time'];

/** Returns a pattern with characters above U+007F in one spelling, because generators escape them differently. */
const spelled = (pattern: unknown) =>
  typeof pattern === 'string'
    ? pattern.replaceAll(/\\x([89a-f][\da-f])/gi, (_all, digits: string) =>
        String.fromCodePoint(Number.parseInt(digits, 16)),
      )
    : pattern;

function compareLimits(
  { newDocument, direction, changes }: Sides,
  at: string,
  before: Node,
  after: Node,
): void {
  // Programs rely on no limit of a value that they may not know, nor on how many values a list of these has.
  const items = resolved(newDocument, child(after, 'items'));
  const isOpen = direction === 'response' && (knownOf(after) ?? knownOf(items)) !== undefined;
  const isImplied = WITH_LENGTH.includes(before.format) && before.format === after.format;
  const tell = (key: string, narrows: boolean) => {
    const what = `${key} was ${textOf(before[key])} and is ${textOf(after[key])}`;
    const breaks = narrows === (direction === 'request') && !isOpen;
    changes[breaks ? 'breaking' : 'note'](at, what);
  };
  for (const [keys, unlimited, sign] of [
    [LEAST, Number.NEGATIVE_INFINITY, 1],
    [MOST, Number.POSITIVE_INFINITY, -1],
  ] as const) {
    for (const key of keys.filter((each) => !(isImplied && LENGTHS.includes(each)))) {
      const [old, now] = [before[key] ?? unlimited, after[key] ?? unlimited] as [number, number];
      if (old !== now) {
        tell(key, (now - old) * sign > 0);
      }
    }
  }
  for (const key of ['pattern', 'format', 'multipleOf', 'uniqueItems']) {
    if (textOf(spelled(before[key])) !== textOf(spelled(after[key]))) {
      const replaced = before[key] !== undefined && after[key] !== undefined;
      tell(key, replaced ? direction === 'request' : after[key] !== undefined);
    }
  }
}

function compareMembers(
  { direction, changes }: Sides,
  at: string,
  before: Node,
  after: Node,
  deeper: (at: string, before: Node, after: Node) => void,
): void {
  const required = (schema: Node, name: string) =>
    ((schema.required ?? []) as string[]).includes(name);
  compareParts(child(before, 'properties'), child(after, 'properties'), {
    gone: (name) => changes.breaking(`${at}.${name}`, 'the member is gone'),
    added: (name) => {
      const must = required(after, name) && direction === 'request';
      const what = `a new member${must ? ' that is required' : ''}`;
      changes[must ? 'breaking' : 'note'](`${at}.${name}`, what);
    },
    both: (name, old, now) => {
      const [was, is] = [required(before, name), required(after, name)];
      if (was !== is) {
        const broken = is === (direction === 'request');
        const what = is ? 'now always there' : 'now optional';
        changes[broken ? 'breaking' : 'note'](`${at}.${name}`, what);
      }
      deeper(`${at}.${name}`, old as Node, now as Node);
    },
  });
  const closed = (schema: Node) => schema.additionalProperties === false;
  if (closed(before) !== closed(after)) {
    const broken = closed(after) && direction === 'request';
    const what = closed(after) ? 'other members are refused now' : 'other members may come now';
    changes[broken ? 'breaking' : 'note'](at, what);
  }
}
