import { scopes } from '../../../src/auth/scopes.ts';
import { eventTypes, type SubjectType } from '../../../src/db/events.ts';
import { listed } from '../../../src/http/fields/listed.ts';
import { rateLimitPolicies } from '../../../src/http/requests/rate-limit.ts';
import { closedForever } from '../../../src/openapi/closed-values.ts';
import { catalogue } from '../../../src/problems/catalogue.ts';
import type { ProblemDefinition } from '../../../src/problems/definition.ts';
import type { OAuthErrorCode } from '../../../src/problems/problem.ts';
import { violationCodes } from '../../../src/problems/violation-codes.ts';
import { isSearch as isPreparedSearch } from '../../../src/resources/tickets/prepared-tickets/filters.repository.ts';
import { filterParameters as ofPrepared } from '../../../src/resources/tickets/prepared-tickets/filters.ts';
import { filterParameters as ofPickedUp } from '../../../src/resources/tickets/tickets/filters.ts';
import { isSearch as isPickedUpSearch } from '../../../src/resources/tickets/tickets/tickets.repository.ts';
import { STANDARD_DELAYS_S } from '../../../src/webhook-delays.ts';

const HOUR_S = 3600;
const MINUTE_S = 60;

type Policy = keyof typeof rateLimitPolicies;

/** Returns the filters of a list with which another filter makes the list a search. */
const searchFilters = (parameters: object, isSearch: typeof isPreparedSearch) =>
  Object.keys(parameters).filter((name, _i, all) =>
    all.some((other) => other !== name && isSearch(new Set([name, other]))),
  );

const searched = new Set([
  ...searchFilters(ofPrepared, isPreparedSearch),
  ...searchFilters(ofPickedUp, isPickedUpSearch),
]);
const namesOfSearched = [...searched].sort().map((name) => `\`${name}\``);

/** What each rate limit counts. */
const counted: Record<Policy, string> = {
  partner: 'All requests of one partner, including those for access tokens.',
  batches: 'Batches and syncs of one partner.',
  exports: 'Exports of one partner, each page as one request.',
  searches: `Lists of one partner with two or more of the filters ${listed(namesOfSearched, 'and')}. A list that also has \`ticket_number\` does not count, and bounds of time make no difference.`,
  refusedCredentials:
    'Requests from an IP address that has sent invalid credentials. Those with a wrong secret or API key count for each client by itself, and those with an invalid token all together.',
  consents:
    'Questions of one partner whether a receiver wants webhooks: at the creation of an endpoint, at a new URL, and whenever a request needs the consent again.',
  replays: 'Test events, replays and immediate attempts of one partner.',
  tokenRequests:
    'Requests for access tokens from one IP address with credentials that have not been accepted recently. Workers of Cloudflare zones, which share one address, are counted for each zone.',
};

/** What the subject of an event is: any one of its type, and that of one event with the path of its current state. */
const subjects: Record<SubjectType, readonly [any: string, subject: string, path: string]> = {
  prepared_ticket: ['a ticket', 'the prepared ticket', '/v2/tickets/prepared-tickets/{id}'],
  product_line: [
    'a product line',
    'the product line; `id` is its product',
    '/v2/tickets/prepared-tickets/{prepared_ticket_id}/product-lines/{id}',
  ],
  client: ['a client', 'the client', '/v2/system/clients/{id}'],
  api_key: ['an API key', 'the API key', '/v2/system/api-keys/{id}'],
  webhook_endpoint: [
    'a webhook endpoint',
    'the webhook endpoint',
    '/v2/system/webhook-endpoints/{id}',
  ],
};

const oauthErrors: Record<OAuthErrorCode, string> = {
  invalid_request:
    'The body is not a URL-encoded form, or the form lacks a required parameter, repeats a parameter, or authenticates in two ways.',
  invalid_client:
    'The client authentication is missing or malformed, the client is unknown, or its secret is wrong. The status is 401.',
  unauthorized_client: 'The secret is right, but the client is disabled or has expired.',
  unsupported_grant_type: 'Send `grant_type=client_credentials`.',
  invalid_scope:
    'The client does not have one of the requested scopes, or has only scopes that a request must name and this one does not. `/v2/system/clients` lists the scopes of each client.',
};

/** Returns the rows of a table with a code and its meaning. */
const rowsOf = (meanings: Readonly<Record<string, string>>) =>
  Object.entries(meanings).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);

/** The problems that a partner can receive. */
export const publicProblems = Object.values<ProblemDefinition>(catalogue).filter(
  ({ isInternal }) => !isInternal,
);

/** Returns a problem type in Markdown. A type that this API defines links to its page. */
const typeOf = (type: string) => (type.startsWith('/') ? `[${type}](${type})` : `\`${type}\``);

/** Returns a sentence of the catalogue in Markdown, with `<` escaped because it could start a tag. */
export const escaped = (sentence: string) => sentence.replaceAll('<', '&lt;');

/** Returns a duration as text, in hours and minutes, or in seconds if it is shorter. */
function durationOf(seconds: number): string {
  if (seconds < MINUTE_S) {
    return `${seconds} s`;
  }
  const hours = Math.floor(seconds / HOUR_S);
  const minutes = Math.floor((seconds % HOUR_S) / MINUTE_S);
  return [hours > 0 && `${hours} h`, minutes > 0 && `${minutes} min`].filter(Boolean).join(' ');
}

const rows = {
  closed_values: rowsOf(closedForever),
  event_types: Object.entries(subjects).map(([type, [_any, subject, path]]) => {
    const own = eventTypes.filter((name) => name.startsWith(`${type}.`));
    return `| ${own.map((name) => `\`${name}\``).join(', ')} | ${subject} | \`${path}\` |`;
  }),
  event_subjects: [
    listed(
      Object.values(subjects).map(([any]) => any),
      'or',
    ),
  ],
  oauth_errors: rowsOf(oauthErrors),
  problems: publicProblems.map(
    ({ status, title, type, meaning, remedy }) =>
      `- **${status} ${title}**, ${typeOf(type)}: ${escaped(meaning)} ${escaped(remedy)}`,
  ),
  rate_limits: Object.entries(rateLimitPolicies).map(
    ([key, { name, quota, windowSeconds }]) =>
      `| \`${name}\` | ${counted[key as Policy]} | ${quota} in ${windowSeconds} seconds |`,
  ),
  scopes: rowsOf(scopes),
  violation_codes: rowsOf(violationCodes),
  webhook_delays: STANDARD_DELAYS_S.map((delay, i) => {
    const sinceFirst = STANDARD_DELAYS_S.slice(0, i + 1).reduce((sum, each) => sum + each, 0);
    return `| ${i + 2} | ${durationOf(delay)} | ${durationOf(sinceFirst)} |`;
  }),
};

/** The rows of the tables and lists of the guides, in Markdown, by the names of their placeholders. */
export const tables: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(rows).map(([name, lines]) => [name, lines.join('\n')]),
);
