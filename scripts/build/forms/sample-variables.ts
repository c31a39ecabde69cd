/**
 * The environment variables that code samples and guides use: `API_KEY`, the access token in `TOKEN` (or in a
 * variable of its own, where an operation needs a scope that a token has only on request), and those below. The description
 * of each tag shows the commands that set them.
 */

/** The variable with the entity tag that samples send in `If-Match`. */
export const ETAG = 'ETAG';

/** The variables for path parameters. Samples use the example value of any other path parameter. */
export const pathVariables: Readonly<Record<string, string>> = {
  'prepared-ticket-id': 'TICKET_ID',
  'ticket-id': 'PICKED_UP_ID',
  'client-id': 'NEW_CLIENT_ID',
  'key-id': 'NEW_API_KEY_ID',
  'endpoint-id': 'ENDPOINT_ID',
};

/** The variables for members of a JSON body, which are values that only the caller can have. */
export const bodyVariables: Readonly<Record<string, string>> = { after: 'CURSOR' };

/** The variables for access tokens whose request names a scope, by that scope. */
export const tokenVariables: Readonly<Record<string, string>> = {
  'credentials:manage': 'MANAGE',
  'prepared-tickets:pick-up': 'PICK_UP',
  'webhooks:manage': 'WEBHOOKS',
};

/** Returns the variable with an access token that has a scope. */
export function tokenVariable(scope = ''): string {
  return tokenVariables[scope] ?? 'TOKEN';
}
