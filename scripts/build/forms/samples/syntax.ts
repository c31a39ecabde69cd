import type { Template } from './sample-request.ts';

/** How a language writes a text with variables in it. */
interface ExpressionSyntax {
  text(value: string): string;
  /** A variable of the environment, or the new key. */
  variable(name: string): string;
  /** What joins two texts, with the space around it. */
  readonly join: string;
}

/** A template as an expression: `Bearer $TOKEN` gives `'Bearer ' + process.env.TOKEN`. */
export function expression(template: Template, { text, variable, join }: ExpressionSyntax): string {
  const parts = template.split(/(\$[A-Z_]+)/).filter((part) => part !== '');
  return parts
    .map((part) => (part.startsWith('$') ? variable(part.slice(1)) : text(part)))
    .join(join);
}

/** How a language writes values. */
interface LiteralSyntax {
  text(value: string): string;
  readonly nothing: string;
  readonly yes: string;
  readonly no: string;
  /** What opens and closes an object. */
  readonly object: readonly [string, string];
  /** What stands between a name and its value. */
  readonly colon: string;
}

/** Code shifted to the right, but for its first line. */
export function indented(code: string, spaces: number): string {
  return code.replaceAll('\n', `\n${' '.repeat(spaces)}`);
}

/** A JSON value as a literal of a language, four spaces for each level. */
export function literal(value: unknown, syntax: LiteralSyntax): string {
  const { text, nothing, yes, no, object, colon } = syntax;
  const lines = (open: string, items: string[], close: string) =>
    items.length === 0
      ? open + close
      : `${open}\n${items.map((item) => `    ${indented(item, 4)},\n`).join('')}${close}`;
  if (value === null || value === undefined) {
    return nothing;
  }
  if (typeof value === 'boolean') {
    return value ? yes : no;
  }
  if (typeof value === 'string') {
    return text(value);
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => literal(item, syntax));
    return lines('[', items, ']');
  }
  if (typeof value === 'object') {
    const members = Object.entries(value).map(
      ([name, member]) => `${text(name)}${colon}${literal(member, syntax)}`,
    );
    return lines(object[0], members, object[1]);
  }
  return String(value);
}
