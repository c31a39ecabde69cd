import type { Schema } from '../../forms/read.ts';

/** What the patterns of the document mean, where the description of a member does not say it. */
const alphabets: Readonly<Record<string, string>> = {
  '^[A-Za-z0-9]*$': 'letters and digits',
  '^[A-Z0-9]*$': 'upper-case letters and digits',
};

const formats: Readonly<Record<string, string>> = {
  uuid: 'UUID',
  'date-time': 'RFC 3339 date-time',
  uri: 'URL',
  password: 'secret',
};

/** The phrase with which the document marks members that requests may repeat. */
const READ_ONLY = /^Read-only: /;

/** The schemas that a page of their own explains, by the reference to them. */
const explained: Readonly<Record<string, string>> = {
  '#/components/schemas/EventType': '[the types](/docs/follow-changes)',
  '#/components/schemas/WebhookType': '[the types](/docs/reference/webhooks)',
  '#/components/schemas/Violation': '[its members](/docs/problems/violations)',
  '#/components/schemas/ViolationCode': '[the codes](/docs/problems/violations#violation-codes)',
};

/** Finds the schema that a reference names. */
export type Resolve = (schema: Schema) => Schema;

function withArticle(noun: string): string {
  return `${/^[aeio]/i.test(noun) ? 'an' : 'a'} ${noun}`;
}

const literal = (value: unknown) => `\`${JSON.stringify(value)}\``;

/** Returns the type of a value in a few words, for example `string (UUID) or null`. */
function typeOf(schema: Schema, resolve: Resolve): string {
  const { type, format, items, const: only, enum: values, anyOf, oneOf } = resolve(schema);
  if (explained[schema.$ref ?? ''] !== undefined && type !== undefined) {
    return String(type);
  }
  if (only !== undefined || values) {
    return (values ?? [only]).map(literal).join(' or ');
  }
  const parts = anyOf ?? oneOf;
  if (parts) {
    return [...new Set(parts.map((part) => typeOf(part, resolve)))].join(' or ');
  }
  if (items) {
    const of = resolve(items);
    return of.properties || of.oneOf || of.anyOf
      ? 'array of objects'
      : `array of ${typeOf(of, resolve)}`;
  }
  const named = [type ?? 'any value'].flat().map((name) => {
    const said = name === 'null' ? undefined : formats[format ?? ''];
    return said === undefined ? name : `${name} (${said})`;
  });
  return named.join(' or ');
}

/** Returns the range of an integer. The greatest integer of JavaScript is no limit that a reader meets. */
function rangeOf({ minimum, maximum }: Schema): string[] {
  const greatest = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (minimum !== undefined && greatest !== undefined) {
    return [`From ${minimum} to ${greatest}.`];
  }
  return minimum === undefined ? [] : [`At least ${minimum}.`];
}

/** Returns how many characters or items a value may have. */
function sizeOf(least = 0, most: number | undefined, what: string): string[] {
  if (most === undefined) {
    return [];
  }
  if (least === most) {
    return [`${most} ${what}.`];
  }
  return [least > 0 ? `${least} to ${most} ${what}.` : `Up to ${most} ${what}.`];
}

/** Returns the rules of a value in short sentences. */
function rulesOf(schema: Schema): string[] {
  const {
    default: standard,
    type,
    minLength,
    maxLength,
    pattern = '',
    minItems,
    maxItems,
  } = schema;
  const isText = [type].flat().includes('string');
  return [
    ...rangeOf(schema),
    ...(isText ? sizeOf(minLength, maxLength, alphabets[pattern] ?? 'characters') : []),
    ...sizeOf(minItems, maxItems, 'items'),
    ...(standard === undefined ? [] : [`Default: \`${standard}\`.`]),
  ];
}

/** What the description of a value contains in addition to its type. */
interface ItemOptions {
  readonly isRequired: boolean;
  /** Whether to state the rules that a request must follow. A response needs no rules. */
  readonly hasRules: boolean;
  /** Replaces the description of the schema. */
  readonly text?: string | undefined;
  readonly resolve: Resolve;
}

/** Returns an item of a list that describes one value. */
export function itemOf(
  name: string,
  schema: Schema,
  { isRequired, hasRules, text, resolve }: ItemOptions,
): string {
  const target = resolve(schema);
  // A description can list what a page explains.
  const [described = ''] = (text ?? schema.description ?? target.description ?? '').split('\n');
  const facts = [typeOf(schema, resolve), ...(isRequired ? ['**required**'] : [])].join(', ');
  const rules = hasRules ? rulesOf(target).filter((rule) => !described.includes(rule)) : [];
  return [`- \`${name}\` ${facts}<br>${described}`, ...rules].join(' ').replace(/<br>$/, '');
}

const indented = (lines: string) => lines.replaceAll(/^(?=.)/gm, '  ');

/** Returns the schema whose members a reader needs for a value: that of the items of a list. */
function objectsIn(schema: Schema, resolve: Resolve): readonly Schema[] {
  const target = resolve(schema);
  const inner = target.items ? resolve(target.items) : target;
  const parts = inner.anyOf ?? inner.oneOf;
  return (parts ?? [inner]).map(resolve).filter(({ properties }) => properties);
}

/**
 * Returns the members of an object as a list, with those of inner objects below them.
 *
 * @param isRequest whether to name the members that a request must have. A response has all that it names.
 */
export function membersOf(schema: Schema, isRequest: boolean, resolve: Resolve): string {
  const [target, ...others] = objectsIn(schema, resolve);
  if (target === undefined) {
    return '';
  }
  const members = Object.entries(target.properties ?? {});
  const ignored = isRequest
    ? members.filter(([, member]) => READ_ONLY.test(member.description ?? ''))
    : [];
  const items = members
    .filter((member) => !ignored.includes(member))
    .map(([name, member]) => {
      const isRequired = isRequest && target.required?.includes(name) === true;
      const link = explained[(member.items ?? member).$ref ?? ''];
      const inner = link === undefined ? membersOf(member, isRequest, resolve) : '';
      const own = itemOf(name, member, { isRequired, hasRules: isRequest, resolve });
      const item = link === undefined ? own : `${own} See ${link}.`;
      return inner === '' ? item : `${item}\n${indented(inner)}`;
    });
  if (ignored.length > 0) {
    const names = ignored.map(([name]) => `\`${name}\``).join(', ');
    items.push(`- ${names} read-only<br>Ignored, so that you can send back a body that you read.`);
  }
  const alternatives = others.map((other) => {
    const about = other.description === undefined ? '' : `<br>${other.description}`;
    const inner = indented(membersOf(other, isRequest, resolve));
    return `- or ${withArticle('object')} with these members${about}\n${inner}`;
  });
  return [...items, ...alternatives].join('\n');
}
