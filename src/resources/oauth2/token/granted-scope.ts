import { isScope, ON_REQUEST_ONLY, parseScope } from '../../../auth/scopes.ts';
import { OAuthError } from '../../../problems/problem.ts';

/**
 * The scope of a token (RFC 6749 §3.3): a request may narrow what the client has; without `scope` it
 * gets all but what must be asked for by name.
 *
 * @param clientScope what the client has.
 * @throws OAuthError `invalid_scope`.
 */
export function grantedScope(form: URLSearchParams, clientScope: string): string {
  const granted = parseScope(clientScope).filter(isScope);
  const daily = granted.filter((scope) => !ON_REQUEST_ONLY.includes(scope));
  const requested = parseScope(form.get('scope') ?? daily.join(' '));
  const known = requested.filter(isScope);
  if (known.length < requested.length || !known.every((scope) => granted.includes(scope))) {
    throw new OAuthError(
      'invalid_scope',
      `The client may request these scopes: ${granted.join(' ')}.`,
    );
  }
  if (known.length === 0) {
    throw new OAuthError(
      'invalid_scope',
      `Request the scopes that the token shall have, of these: ${granted.join(' ')}.`,
    );
  }
  return [...new Set(known)].join(' ');
}
