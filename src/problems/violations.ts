import type { Hook } from '@hono/zod-openapi';
import type { Env } from 'hono';
import type { z } from 'zod';
import { Problem, pointer, shownName, type Violation } from './problem.ts';
import { type ViolationCode, violationCodes } from './violation-codes.ts';

type Part = 'json' | 'query' | 'param';
type Issue = z.core.$ZodIssue;

const codesOfIssues: Partial<Record<Issue['code'], ViolationCode>> = {
  invalid_type: 'invalid_type',
  invalid_union: 'invalid_type',
  invalid_value: 'invalid_type',
  invalid_format: 'invalid_format',
  too_small: 'out_of_range',
  too_big: 'out_of_range',
};

/** Returns the value at a path in the input of the client, or undefined if there is none. */
function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value = data;
  for (const step of path) {
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? (value as Record<PropertyKey, unknown>)[step]
        : undefined;
  }
  return value;
}

function codeOf(issue: Issue, part: Part, value: unknown): ViolationCode {
  if (value === undefined) {
    return 'required';
  }
  if (part === 'query' && Array.isArray(value)) {
    return 'repeated_parameter';
  }
  if (part === 'query' && value === '') {
    return 'empty_parameter';
  }
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
    return 'out_of_range';
  }
  if (issue.code === 'custom') {
    const code = (issue.params as { code?: ViolationCode } | undefined)?.code;
    return code !== undefined && code in violationCodes ? code : 'invalid_format';
  }
  return codesOfIssues[issue.code] ?? 'invalid_format';
}

function place(part: Part, path: readonly PropertyKey[]) {
  if (part === 'json') {
    return { in: 'body', pointer: pointer(path) } as const;
  }
  return { in: part === 'query' ? 'query' : 'path', name: shownName(String(path[0])) } as const;
}

/** @param base where `data` stands in the part, if it is not all of it. */
function violationsOf(
  issue: Issue,
  part: Part,
  data: unknown,
  base: readonly PropertyKey[] = [],
): Violation[] {
  if (issue.code === 'unrecognized_keys') {
    const code = part === 'json' ? 'unknown_member' : 'unknown_parameter';
    return issue.keys.map((key) => ({
      ...place(part, [...base, ...issue.path, key]),
      code,
      detail: issue.message,
    }));
  }
  const value = valueAt(data, issue.path);
  const code = codeOf(issue, part, value);
  const detail =
    code === 'repeated_parameter'
      ? `Send the parameter only once. ${issue.message}`
      : issue.message;
  return [{ ...place(part, [...base, ...issue.path]), code, detail }];
}

/**
 * Returns the violations of one item of a list in a JSON body, which is validated on its own.
 *
 * @param issues what zod found in the item.
 * @param item as it was sent.
 * @param path of the item in the body.
 */
export function violationsOfItem(
  issues: readonly Issue[],
  item: unknown,
  path: readonly PropertyKey[],
): Violation[] {
  return issues.flatMap((issue) => violationsOf(issue, 'json', item, path));
}

/**
 * Returns a function for the violations of an invalid input, as an example for the document. The Worker, which
 * does not build the document, calls it only for a forced problem.
 *
 * @param part the part of a request that the input belongs to.
 * @returns a function that throws an Error if the input is valid.
 */
export function exampleViolations(part: Part, schema: z.ZodType, input: unknown) {
  return (): Violation[] => {
    const { error } = schema.safeParse(input);
    if (error === undefined) {
      throw new Error('The example of a violation is valid.');
    }
    return error.issues.flatMap((issue) => violationsOf(issue, part, input));
  };
}

/** The most violations that a problem lists, and the most bytes of JSON that they take together. */
const MAX_VIOLATIONS = 100;
/** The maximum size of all violations of a problem together, in bytes of JSON. */
const MAX_VIOLATION_BYTES = 48 * 1024;

const encoder = new TextEncoder();

/**
 * Returns the violations that a problem lists: the first ones, up to both limits, but at least one. The
 * limits prevent a small request from causing a much larger response.
 */
export function listedViolations(violations: readonly Violation[]): readonly Violation[] {
  let bytes = 0;
  const first = violations.slice(0, MAX_VIOLATIONS);
  const tooMany = first.findIndex((violation, index) => {
    bytes += encoder.encode(JSON.stringify(violation)).byteLength + 1;
    return index > 0 && bytes > MAX_VIOLATION_BYTES;
  });
  return tooMany === -1 ? first : first.slice(0, tooMany);
}

/**
 * Divides the violations of a response that has results of items. The limits of a problem are those of the whole response.
 *
 * @param lists the violations of each item; undefined for an item that has none.
 * @returns the listed violations of each item, and how many the response leaves out.
 */
export function listedOfItems(lists: readonly (readonly Violation[] | undefined)[]) {
  const all = lists.flatMap((list) => list ?? []);
  const listed = listedViolations(all);
  let shown = 0;
  const ofItems = lists.map((list) => {
    const start = shown;
    shown += list?.length ?? 0;
    return list && listed.slice(start, shown);
  });
  return { ofItems, omitted: all.length - listed.length };
}

/**
 * Throws a `violations` problem with all violations of the part of the request that failed validation.
 * It is the `defaultHook` of `OpenAPIHono`. The messages of the schemas become the violation details.
 *
 * @throws Problem `violations`.
 */
export function rejectViolations(result: Parameters<Hook<unknown, Env, string, unknown>>[0]): void {
  if (!result.success) {
    const { data, target } = result as { data?: unknown; target: Part };
    const violations = result.error.issues.flatMap((issue) =>
      violationsOf(issue as Issue, target, data),
    );
    throw new Problem('violations', { violations });
  }
}
