import type { OpenAPIDocument } from '../../../../src/openapi/document.ts';
import { type Operation, resolved } from '../../forms/read.ts';
import { block } from '../page.ts';
import { itemOf, membersOf, type Resolve } from './members.ts';

/** Returns what a receiver answers, with the headers of each answer. */
function answersOf(document: OpenAPIDocument, { responses }: Operation): string {
  const sorted = Object.entries(responses).sort(([a], [b]) => (a < b ? -1 : 1));
  const answers = sorted.map(([status, { description, headers = {} }]) => {
    const own = Object.entries(headers).map(
      ([name, header]) => `  - \`${name}\`<br>${resolved(document, header).description}`,
    );
    const name = status === 'default' ? 'any other' : `\`${status}\``;
    return [`- ${name}<br>${description}`, ...own].join('\n');
  });
  return block('members', answers.join('\n'));
}

/** Returns the headers of a request of the API. */
function headersOf({ parameters }: Operation, resolve: Resolve): string {
  const items = parameters.map(({ name, schema = {}, description }) =>
    itemOf(name, schema, { isRequired: false, hasRules: false, text: description, resolve }),
  );
  return block('members', items.join('\n'));
}

/**
 * Returns what the API sends to the receivers of partners, as sections of a page: the messages, which only differ in
 * their types, and any other request.
 */
export function webhookSections(
  document: OpenAPIDocument,
  webhooks: readonly Operation[],
): string[] {
  const resolve: Resolve = (schema) => resolved(document, schema);
  const messages = webhooks.filter(({ requestBody }) => requestBody !== undefined);
  const [first] = messages;
  if (first === undefined) {
    return [];
  }
  const { schema = {}, example } = first.requestBody?.content['application/json'] ?? {};
  return [
    '## What your server gets',
    'Each message is a POST with JSON. The [OpenAPI document](/openapi.json) describes it in `webhooks`, from which generators make types.',
    [
      '| type | what happened |',
      '| --- | --- |',
      ...messages.map(({ path, summary }) => `| \`${path}\` | ${summary}. |`),
    ].join('\n'),
    '### Its headers',
    headersOf(first, resolve),
    '### Its body',
    block('members', membersOf(schema, false, resolve)),
    `\`\`\`json\n${JSON.stringify(example, null, 2)}\n\`\`\``,
    '### What you answer',
    answersOf(document, first),
    ...webhooks
      .filter((webhook) => !messages.includes(webhook))
      .flatMap((webhook) => [
        `## ${webhook.summary}`,
        `The request is \`${webhook.method}\`. ${webhook.description}`,
        headersOf(webhook, resolve),
        answersOf(document, webhook),
      ]),
  ];
}
