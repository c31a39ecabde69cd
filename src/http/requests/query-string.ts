import type { Context } from 'hono';
import { Problem, shownName, type Violation } from '../../problems/problem.ts';

/** Whether a text is percent-encoded UTF-8, as a form would encode it. */
function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Refuses what a router would pass over in silence: a parameter that is not percent-encoded UTF-8,
 * and one without a name.
 *
 * @throws Problem `violations`.
 */
export function requireReadableQuery(c: Context): void {
  const start = c.req.url.indexOf('?');
  if (start === -1) {
    return;
  }
  const [query] = c.req.url.slice(start + 1).split('#', 1) as [string];
  const violations = query.split('&').flatMap((parameter): Violation[] => {
    const [name] = parameter.split('=', 1) as [string];
    if (parameter !== '' && name === '') {
      const detail = 'Give the parameter a name, or leave it out.';
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
