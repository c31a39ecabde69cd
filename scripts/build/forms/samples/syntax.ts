import { bodyVariables } from '../sample-variables.ts';
import type { Template } from './sample-request.ts';

/** The syntax of a language for a text that contains variables. */
interface ExpressionSyntax {
  text(value: string): string;
  /** Returns the expression for an environment variable or for a new idempotency key. */
  variable(name: string): string;
  /** The operator that joins two strings, with spaces. */
  readonly join: string;
}

/**
 * Returns a template as an expression.
 *
 * @example 'Bearer $TOKEN' // "'Bearer ' + process.env.TOKEN"
 */
export function expression(template: Template, { text, variable, join }: ExpressionSyntax): string {
  const parts = template.split(/(\$[A-Z_]+)/).filter((part) => part !== '');
  return parts
    .map((part) => (part.startsWith('$') ? variable(part.slice(1)) : text(part)))
    .join(join);
}

/**
 * Replaces the body variables in the code of a JSON body.
 *
 * @param text returns the literal of a text in this code.
 * @param code returns the expression for a variable.
 */
export function withVariables(
  body: string,
  text: (value: string) => string,
  code: (template: Template) => string,
): string {
  return Object.values(bodyVariables)
    .map((name) => `$${name}`)
    .reduce((result, variable) => result.replaceAll(text(variable), () => code(variable)), body);
}

/** The syntax of a language for values. */
interface LiteralSyntax {
  text(value: string): string;
  readonly nothing: string;
  readonly yes: string;
  readonly no: string;
  /** The brackets of an object. */
  readonly object: readonly [string, string];
  /** The separator between a name and its value. */
  readonly colon: string;
}

/** Indents every line of code except the first. */
export function indented(code: string, spaces: number): string {
  return code.replaceAll('\n', `\n${' '.repeat(spaces)}`);
}

/** Returns a JSON value as a literal, indented by four spaces for each level. */
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
