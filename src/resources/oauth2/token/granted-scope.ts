import { isScope, ON_REQUEST_ONLY, parseScope } from '../../../auth/scopes.ts';
import { OAuthError } from '../../../problems/problem.ts';

/**
 * Returns the scope of a token (RFC 6749 §3.3). A request can name some of the scopes that the client
 * has. Without `scope`, the token gets all of them except those that must be requested explicitly.
 *
 * @param clientScope the scopes of the client, separated by spaces.
 * @throws OAuthError `invalid_scope` for an unknown scope, for one that the client does not have, and if
 * the token would have no scope.
 */
export function grantedScope(form: URLSearchParams, clientScope: string): string {
  const granted = parseScope(clientScope).filter(isScope);
  const grantedByDefault = granted.filter((scope) => !ON_REQUEST_ONLY.includes(scope));
  const requested = parseScope(form.get('scope') ?? grantedByDefault.join(' '));
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
      `The token would have no scope. Name at least one scope of this list: ${granted.join(' ')}.`,
    );
  }
  return [...new Set(known)].join(' ');
}
