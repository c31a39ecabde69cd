/**
 * The variables that samples and guides read from the environment, beside the credentials: `TOKEN`,
 * or `MANAGE` where an operation needs the scope `credentials:manage`, and `API_KEY`. The description
 * of each tag prints the commands that set them.
 */

/** The entity tag that samples send in `If-Match`. */
export const ETAG = 'ETAG';

/** The variable that names what a path parameter identifies. Other parameters stand at their example. */
export const pathVariables: Readonly<Record<string, string>> = {
  'prepared-ticket-id': 'TICKET_ID',
  'client-id': 'NEW_CLIENT_ID',
  'key-id': 'NEW_API_KEY_ID',
};

/** The variable with a token that has this scope. */
export function tokenVariable(scope: string | undefined): string {
  return scope === 'credentials:manage' ? 'MANAGE' : 'TOKEN';
}

/** The heading of the commands that set the variables; a check finds them by it and runs them. */
export const VARIABLES_HEADING = '**Set the variables of the samples.**';

/** What follows those commands. */
export const READ_TAG_AGAIN = 'Repeat the last command before each change.';

/** A command that sets `ETAG` from the response to a GET of the path. */
export function setETag(token: string, path: string): string {
  return `export ${ETAG}=$(curl -sS -o /dev/null -D - -H "Authorization: Bearer $${token}" -H "x-api-key: $API_KEY" ${path} | tr -d '\\r' | sed -n 's/^[Ee][Tt]ag: //p')`;
}

/** A command that sets a variable to the `id` of what a POST creates. */
export function setId(variable: string, token: string, path: string, body: object): string {
  return `export ${variable}=$(curl -sS -H "Authorization: Bearer $${token}" -H "x-api-key: $API_KEY" -H 'Content-Type: application/json' ${path} -d '${JSON.stringify(body)}' | sed 's/.*"id":"\\([^"]*\\)".*/\\1/')`;
}

/** A command that sets a variable to a new access token. */
export function setToken(variable: string, scope?: string): string {
  const asked = scope === undefined ? '' : ` -d scope=${scope}`;
  return `export ${variable}=$(curl -sS -u "$CLIENT_ID:$CLIENT_SECRET" -d grant_type=client_credentials${asked} $API/oauth2/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`;
}
