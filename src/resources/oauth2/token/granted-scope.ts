import { isScope, ON_REQUEST_ONLY, parseScope } from '../../../auth/scopes.ts';
import { OAuthError } from '../../../problems/problem.ts';

/**
 * Returns the scope of a new token (RFC 6749 §3.3). A request may ask for a subset of the client's scopes
 * in `scope`. Without `scope`, the token gets all of them except those in `ON_REQUEST_ONLY`.
 *
 * @param form the form of the token request.
 * @param clientScope the scopes of the client, space-delimited.
 * @throws OAuthError `invalid_scope` if the request names other scopes or would result in no scope.
 */
export function grantedScope(form: URLSearchParams, clientScope: string): string {
  const granted = parseScope(clientScope).filter(isScope);
  const byDefault = granted.filter((scope) => !ON_REQUEST_ONLY.includes(scope));
  const requested = parseScope(form.get('scope') ?? byDefault.join(' '));
  const known = requested.filter(isScope);
  if (known.length < requested.length || !known.every((scope) => granted.includes(scope))) {
    throw new OAuthError(
      'invalid_scope',
      `The client does not have a requested scope. Request only scopes of this list: ${granted.join(' ')}.`,
    );
  }
  if (known.length === 0) {
    throw new OAuthError(
      'invalid_scope',
      `The token would have no scope. Request at least one of these scopes: ${granted.join(' ')}.`,
    );
  }
  return [...new Set(known)].join(' ');
}
