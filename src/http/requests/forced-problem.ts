import type { Context } from 'hono';
import { headersOfRefusal } from '../../auth/refusals.ts';
import type { AppEnv } from '../../context.ts';
import type { Policy } from '../../policy.ts';
import type { ProblemDefinition } from '../../problems/definition.ts';
import { Problem } from '../../problems/problem.ts';
import { allowOf } from '../../problems/render.ts';
import { type ListedProblem, listedProblems } from '../../problems/responses.ts';
import { announce } from '../responses/standard-headers.ts';
import { LENIENT_APPLIED, preferencesOf, prefersLenient } from './prefer.ts';
import { pretendExceeded } from './rate-limit.ts';

/**
 * With `Prefer: problem=quota-exceeded` or `Prefer: code=429`, a partner who tests a program gets that problem, so that
 * each branch of its error handling runs once before it goes live. The preference `code` is that of Prism.
 *
 * @see {@link https://docs.stoplight.io/docs/prism/}
 */

/** Returns what the preference `problem` calls a type: the last step of its address; undefined for `about:blank`. */
const nameOfType = (type: string): string | undefined =>
  type === 'about:blank' ? undefined : type.split(/[/#]/).at(-1);

/** Returns whether a preference asks for a problem. */
const asksFor = (
  preference: string,
  value: string,
  { type, status }: ProblemDefinition,
): boolean => (preference === 'problem' ? value === nameOfType(type) : value === String(status));

/** Returns the first preference that one of the problems meets, and the first problem that meets it. */
function choose(preferences: ReadonlyMap<string, string>, listed: readonly ListedProblem[]) {
  for (const [preference, value] of preferences) {
    if (preference === 'problem' || preference === 'code') {
      const chosen = listed.find(({ definition }) => asksFor(preference, value, definition));
      if (chosen !== undefined) {
        return { chosen, applied: `${preference}=${value}` };
      }
    }
  }
  return undefined;
}

/** Returns a problem with the values of its example, and with the headers of the real one. */
function problemOf(
  c: Context<AppEnv>,
  { name, example }: ListedProblem,
  { scope, methods }: Policy,
): Problem {
  const { type, title, status, detail, request_id, ...members } = example;
  const policies = members['violated-policies'] as readonly string[] | undefined;
  if (policies?.[0] !== undefined) {
    return pretendExceeded(c, policies[0]);
  }
  return new Problem(name, {
    detail: detail as string,
    members,
    headers: {
      ...headersOfRefusal(c, name, scope),
      ...(name === 'methodNotAllowed' && { Allow: allowOf(methods) }),
    },
  });
}

/**
 * Answers a request that asks for one of the problems that the document lists for its operation. It does so only where
 * API keys are of the kind `test`, and after the caller has passed the gate; any other request goes on.
 *
 * @throws Problem the one that the request asks for; the refusal of the gate.
 */
export async function forcePreferredProblem(c: Context<AppEnv>, policy: Policy): Promise<void> {
  if (c.var.config.apiKeyKind !== 'test' || c.req.header('prefer') === undefined) {
    return;
  }
  const choice = choose(preferencesOf(c), listedProblems(policy.responses));
  if (choice === undefined) {
    return;
  }
  await c.var.db.passGate();
  c.set('isForced', true);
  const handling =
    policy.takesHandling && prefersLenient(c) ? [LENIENT_APPLIED['Preference-Applied']] : [];
  announce(c, { 'Preference-Applied': [...handling, choice.applied].join(', ') });
  throw problemOf(c, choice.chosen, policy);
}
