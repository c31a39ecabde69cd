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

/** Indents every line of code except the first. */
export function indented(code: string, spaces: number): string {
  return code.replaceAll('\n', `\n${' '.repeat(spaces)}`);
}

/** Matches the parts of a JSON text that a language can write in another way, and each place without a last comma. */
const JSON_PARTS = /"(?:[^"\\]|\\.)*"|null|true|false|[{}]|: |(?<=[^,[{\n])(?=\n *[\]}])/g;

/**
 * Returns a JSON value as a literal, indented by four spaces for each level, with a comma after each item.
 *
 * @param words how the language writes `null`, `true`, `false`, `{`, `}` and `: ` where it differs from JSON.
 */
export function literal(
  value: object,
  text: (value: string) => string,
  words: Readonly<Record<string, string>>,
): string {
  return JSON.stringify(value, null, 4).replaceAll(JSON_PARTS, (part) =>
    part.startsWith('"') ? text(JSON.parse(part)) : (words[part] ?? (part || ',')),
  );
}
