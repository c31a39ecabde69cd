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

/** The heading of the commands that set the variables. A check finds the commands by it and runs them. */
export const VARIABLES_HEADING = '**Set the variables of the samples.**';

/** The sentence that follows the commands. */
export const READ_TAG_AGAIN = 'Run the last command again before each change.';

/** Returns a command that sets `ETAG` to the entity tag of the resource at a path. */
export function setETag(token: string, path: string): string {
  return `export ${ETAG}=$(curl -sS -o /dev/null -D - -H "Authorization: Bearer $${token}" -H "x-api-key: $API_KEY" ${path} | tr -d '\\r' | sed -n 's/^[Ee][Tt]ag: //p')`;
}

/** Returns a command that creates a resource with POST and sets a variable to its `id`. */
export function setId(variable: string, token: string, path: string, body: object): string {
  return `export ${variable}=$(curl -sS -H "Authorization: Bearer $${token}" -H "x-api-key: $API_KEY" -H 'Content-Type: application/json' ${path} -d '${JSON.stringify(body)}' | sed 's/.*"id":"\\([^"]*\\)".*/\\1/')`;
}

/** Returns a command that creates or replaces a resource with PUT. */
export function putResource(token: string, path: string, body: object): string {
  return `curl -sS -X PUT -H "Authorization: Bearer $${token}" -H "x-api-key: $API_KEY" -H 'Content-Type: application/json' ${path} -d '${JSON.stringify(body)}'`;
}

/** Returns a command that sets the variable with a cursor to the current end of the event feed. */
export function setCursor(token: string): string {
  return `export ${bodyVariables.after}=$(curl -sS -H "Authorization: Bearer $${token}" -H "x-api-key: $API_KEY" "$API/v2/system/events?after=latest" | sed 's/.*"next":"\\([^"]*\\)".*/\\1/')`;
}

/** Returns a command that sets a variable to a new access token. */
export function setToken(variable: string, scope?: string): string {
  const scopeOption = scope === undefined ? '' : ` -d scope=${scope}`;
  return `export ${variable}=$(curl -sS -u "$CLIENT_ID:$CLIENT_SECRET" -d grant_type=client_credentials${scopeOption} $API/oauth2/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`;
}
