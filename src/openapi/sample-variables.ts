/**
 * The environment variables that samples and guides read, in addition to the credentials: `API_KEY`
 * and `TOKEN`, or `MANAGE` where an operation requires the scope `credentials:manage`. The description
 * of each tag shows the commands that set them.
 */

/** The name of the variable that holds the entity tag that samples send in `If-Match`. */
export const ETAG = 'ETAG';

/** The variable for each path parameter that has one. Samples use the example value of any other. */
export const pathVariables: Readonly<Record<string, string>> = {
  'prepared-ticket-id': 'TICKET_ID',
  'client-id': 'NEW_CLIENT_ID',
  'key-id': 'NEW_API_KEY_ID',
};

/** Returns the name of the variable that holds a token with this scope. */
export function tokenVariable(scope: string | undefined): string {
  return scope === 'credentials:manage' ? 'MANAGE' : 'TOKEN';
}

/** The heading of the commands that set the variables. The check `samples` finds and runs them by it. */
export const VARIABLES_HEADING = '**Set the variables of the samples.**';

/** The sentence that follows those commands. */
export const READ_TAG_AGAIN = 'Run the last command again before each change.';

/** Returns a shell command that sets `ETAG` from the response to a GET of the path. */
export function setETag(token: string, path: string): string {
  return `export ${ETAG}=$(curl -sS -o /dev/null -D - -H "Authorization: Bearer $${token}" -H "x-api-key: $API_KEY" ${path} | tr -d '\\r' | sed -n 's/^[Ee][Tt]ag: //p')`;
}

/** Returns a shell command that creates a resource with POST and sets a variable to its `id`. */
export function setId(variable: string, token: string, path: string, body: object): string {
  return `export ${variable}=$(curl -sS -H "Authorization: Bearer $${token}" -H "x-api-key: $API_KEY" -H 'Content-Type: application/json' ${path} -d '${JSON.stringify(body)}' | sed 's/.*"id":"\\([^"]*\\)".*/\\1/')`;
}

/** Returns a shell command that sets a variable to a new access token. */
export function setToken(variable: string, scope?: string): string {
  const scopeOption = scope === undefined ? '' : ` -d scope=${scope}`;
  return `export ${variable}=$(curl -sS -u "$CLIENT_ID:$CLIENT_SECRET" -d grant_type=client_credentials${scopeOption} $API/oauth2/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`;
}
