import type { Context } from 'hono';
import { Problem, shownName, type Violation } from '../../problems/problem.ts';

/** Returns whether a text is validly percent-encoded UTF-8. */
function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The most parameters that are looked at. No operation has nearly as many. For each parameter without an equals
 * sign, the router searches the rest of the query for one.
 */
const MAX_PARAMETERS = 1000;

/**
 * Rejects query parameters that the router would ignore silently: those that are not percent-encoded
 * UTF-8, and those without a name. It rejects every query of more than `MAX_PARAMETERS`.
 *
 * @throws Problem `violations`.
 */
export function requireReadableQuery(c: Context): void {
  const start = c.req.url.indexOf('?');
  if (start === -1) {
    return;
  }
  const [query] = c.req.url.slice(start + 1).split('#', 1) as [string];
  const parameters = query.split('&');
  if (parameters.length > MAX_PARAMETERS) {
    const [name] = (parameters[MAX_PARAMETERS] as string).split('=', 1) as [string];
    const detail = `Send at most ${MAX_PARAMETERS} parameters, each of them once.`;
    throw new Problem('violations', {
      violations: [{ in: 'query', name: shownName(name), code: 'unknown_parameter', detail }],
    });
  }
  const violations = parameters.flatMap((parameter): Violation[] => {
    const [name] = parameter.split('=', 1) as [string];
    if (parameter !== '' && name === '') {
      const detail = 'Send the parameter with its name, or leave it out.';
      return [{ in: 'query', name, code: 'unknown_parameter', detail }];
    }
    if (!isDecodable(parameter)) {
      const detail = 'Percent-encode the parameter in UTF-8.';
      return [{ in: 'query', name: shownName(name), code: 'invalid_format', detail }];
    }
    return [];
  });
  if (violations.length > 0) {
    throw new Problem('violations', { violations });
  }
}
