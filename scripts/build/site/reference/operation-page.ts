import { rateLimitPolicies } from '../../../../src/http/requests/rate-limit.ts';
import type { OpenAPIDocument } from '../../../../src/openapi/document.ts';
import { type CodeSample, type Operation, resolved } from '../../forms/read.ts';
import { operationPath } from '../addresses.ts';
import { block, type Page } from '../page.ts';
import { itemOf, membersOf, type Resolve } from './members.ts';
import { responsesOf, successExamples } from './responses.ts';

const BOOKMARK = 'x-d1-bookmark';

/** The languages of code blocks by the languages of samples. */
const languages: Readonly<Record<string, string>> = { Shell: 'sh', 'C#': 'csharp' };

/** The kinds of parameters in the order in which a reader needs them. */
const kinds = { path: 'Path parameters', query: 'Query parameters', header: 'Headers' };

const has = ({ parameters }: Operation, name: string) =>
  parameters.some((parameter) => parameter.name === name);

/** Returns the scopes that an operation needs. */
function scopesOf({ security }: Operation): string[] {
  return security.flatMap((requirement) => Object.values(requirement).flat());
}

function authenticationOf(operation: Operation): string {
  if (operation.security.length === 0) {
    return operation.path === '/oauth2/token' ? 'the id and the secret of a client' : 'none';
  }
  const scopes = scopesOf(operation).map((scope) => `\`${scope}\``);
  const scope = scopes.length > 0 ? `with the scope ${scopes.join(' and ')}` : 'with any scope';
  return `an [access token](/docs/reference/access-tokens) ${scope}, and an [API key](/docs/reference/api-keys)`;
}

type RateLimit = (typeof rateLimitPolicies)[keyof typeof rateLimitPolicies];

function rateLimitOf({
  security,
  path,
  'x-rate-limit-policy': own,
  'x-asks-receiver': asksReceiver,
}: Operation): string | undefined {
  const { partner, tokenRequests, consents } = rateLimitPolicies;
  const limit = ({ quota, windowSeconds, name }: RateLimit) =>
    `${quota} requests in ${windowSeconds} seconds, in the policy [\`${name}\`](/docs/rate-limits)`;
  if (path === '/oauth2/token') {
    return `${limit(partner)}; ${limit(tokenRequests)}, until the credentials are accepted`;
  }
  if (security.length === 0) {
    return undefined;
  }
  const limits = [partner, ...(own ? [rateLimitPolicies[own.name]] : [])].map(limit);
  return [
    ...limits,
    ...(asksReceiver ? [`${limit(consents)}, if the receiver is asked for consent`] : []),
  ].join('; ');
}

function retryOf(operation: Operation): string {
  if (operation.method !== 'POST') {
    return 'safe, as often as you like; see [Retries](/docs/retries)';
  }
  return has(operation, 'Idempotency-Key')
    ? 'safe with an [`Idempotency-Key`](/docs/retries)'
    : 'see [Retries](/docs/retries)';
}

function conditionsOf(operation: Operation): string | undefined {
  const found = ['If-Match', 'If-None-Match'].filter((name) => has(operation, name));
  return found.length > 0
    ? `${found.map((name) => `\`${name}\``).join(' and ')}; see [conditional updates](/docs/retries)`
    : undefined;
}

/** Returns what a program must know of every operation: credentials, limits, retries and conditions. */
function factsOf(operation: Operation): string {
  const facts = {
    Credentials: authenticationOf(operation),
    'Rate limit': rateLimitOf(operation),
    Retry: retryOf(operation),
    Conditions: conditionsOf(operation),
  };
  return Object.entries(facts)
    .filter(([, fact]) => fact !== undefined)
    .map(([name, fact]) => `- **${name}** ${fact}`)
    .join('\n');
}

function parametersOf(
  { parameters }: Operation,
  kind: keyof typeof kinds,
  resolve: Resolve,
): string[] {
  // The header of every operation comes last.
  const own = parameters.filter((parameter) => parameter.in === kind);
  const sorted = own.toSorted((a, b) => Number(a.name === BOOKMARK) - Number(b.name === BOOKMARK));
  const items = sorted.map(({ name, schema = {}, required = false, description }) =>
    itemOf(name, schema, { isRequired: required, hasRules: true, text: description, resolve }),
  );
  return items.length > 0 ? [`## ${kinds[kind]}`, block('members', items.join('\n'))] : [];
}

function bodyOf({ requestBody }: Operation, resolve: Resolve): string[] {
  return Object.entries(requestBody?.content ?? {}).flatMap(([type, { schema = {} }]) => [
    '## Body',
    `\`${type}\``,
    block('members', membersOf(schema, true, resolve)),
  ]);
}

/** Returns the samples of an operation in each language, as tabs. */
function samplesOf(samples: readonly CodeSample[]): string {
  const blocks = samples.map(
    ({ lang, label, source }) =>
      `\`\`\`${languages[lang] ?? lang.toLowerCase()} [${label}]\n${source}\n\`\`\``,
  );
  return ['::: code-group', ...blocks, ':::'].join('\n\n');
}

/** Returns the page of an operation: the text beside its samples. */
export function operationPage(
  document: OpenAPIDocument,
  operation: Operation,
  samples: readonly CodeSample[],
): Page {
  const { operationId, summary, method, path, description, deprecated } = operation;
  const resolve: Resolve = (schema) => resolved(document, schema);
  return {
    path: operationPath(operation),
    title: summary,
    layout: 'operation',
    request: `${method} ${path}`,
    markdown: [
      `# ${summary} {#${operationId}}`,
      '<div class="operation">\n<div class="operation-text">',
      block('endpoint', `**\`${method}\`** \`${path}\`${deprecated ? ' (deprecated)' : ''}`),
      description,
      block('facts', factsOf(operation)),
      `<TryIt operation-id="${operationId}" />`,
      ...parametersOf(operation, 'path', resolve),
      ...parametersOf(operation, 'query', resolve),
      ...bodyOf(operation, resolve),
      ...parametersOf(operation, 'header', resolve),
      ...responsesOf(document, operation),
      '</div>\n<div class="operation-samples">',
      samplesOf(samples),
      ...successExamples(operation),
      '</div>\n</div>',
    ].join('\n\n'),
  };
}
