import { everyResponse } from '../../../../src/http/responses/header-components.ts';
import type { OpenAPIDocument } from '../../../../src/openapi/document.ts';
import { catalogue } from '../../../../src/problems/catalogue.ts';
import type { ProblemDefinition } from '../../../../src/problems/definition.ts';
import { type DocumentedResponse, type Media, type Operation, resolved } from '../../forms/read.ts';
import { escaped } from '../../guides/tables.ts';
import { problemPath } from '../addresses.ts';
import { block } from '../page.ts';
import { membersOf, type Resolve } from './members.ts';

/** The headers that each response has, which one page describes. */
const COMMON: readonly string[] = [...everyResponse, 'Link', 'RateLimit-Policy'];

const names: Readonly<Record<string, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  302: 'Found',
  304: 'Not Modified',
  default: 'Any other status',
};

interface Example {
  readonly type?: string;
  readonly title?: string;
  readonly status?: number;
}

/** Returns an example of a body as it is printed. */
function printed(example: unknown): string {
  return typeof example === 'string'
    ? example.replaceAll('\r\n', '\n').trim()
    : JSON.stringify(example, null, 2);
}

/** Returns each example of a media type with its name. */
function examplesOf({ example, examples = {} }: Media): [name: string, value: unknown][] {
  return example === undefined
    ? Object.values(examples).map(({ summary = 'Example', value }) => [summary, value])
    : [['', example]];
}

const languageOf = (type: string) => (/json/.test(type) ? 'json' : 'text');

/** Returns the headers that only some responses have, as a list. */
function headersOf(document: OpenAPIDocument, { headers = {} }: DocumentedResponse): string[] {
  return Object.entries(headers)
    .filter(([name]) => !COMMON.includes(name))
    .map(([name, header]) => `- \`${name}\`<br>${resolved(document, header).description}`);
}

/** Returns the section on a successful response: its members and headers. */
function successOf(
  document: OpenAPIDocument,
  status: string,
  response: DocumentedResponse,
): string[] {
  const resolve: Resolve = (schema) => resolved(document, schema);
  const { content = {}, description } = response;
  const bodies = Object.entries(content).map(([type, { schema = {} }]) => {
    const members = membersOf(schema, false, resolve);
    const about = resolve(schema).description ?? '';
    return members === '' ? `\`${type}\`: ${about}` : `\`${type}\`\n\n${block('members', members)}`;
  });
  const headers = headersOf(document, response);
  return [
    `### ${status} ${names[status] ?? ''} {#response-${status}}`,
    ...(description === `${names[status]}.` ? [] : [description]),
    ...bodies,
    ...(headers.length > 0 ? ['Headers', block('members', headers.join('\n'))] : []),
  ];
}

/** Returns the problem that an example of a response shows. */
function problemOf({ type, status }: Example): ProblemDefinition | undefined {
  return Object.values<ProblemDefinition>(catalogue).find(
    (problem) => problem.type === type && problem.status === status,
  );
}

/** Returns the examples of an error with their media type, one for each problem type. */
function errorExamples({ content = {} }: DocumentedResponse) {
  return Object.entries(content).flatMap(([media, examples]) => {
    const all = examplesOf(examples).map(([, value]) => value as Example);
    const firsts = all.filter(({ type }, i) => all.findIndex((one) => one.type === type) === i);
    return firsts.map((example) => ({ media, example, problem: problemOf(example) }));
  });
}

/** Returns the problems that an operation can return. */
export function problemsOf({ responses }: Operation): ProblemDefinition[] {
  return Object.values(responses)
    .flatMap(errorExamples)
    .flatMap(({ problem }) => problem ?? []);
}

/** Returns the examples of a problem among the responses of an operation, as they are printed. */
export function examplesOfProblem({ responses }: Operation, wanted: ProblemDefinition): string[] {
  return Object.values(responses)
    .flatMap(errorExamples)
    .filter(({ problem }) => problem === wanted)
    .map(({ example }) => printed(example));
}

/** Returns the section on an error: its problems with links, its headers and an example of each. */
function errorOf(document: OpenAPIDocument, status: string, response: DocumentedResponse): string {
  const examples = errorExamples(response);
  const definitions = examples.flatMap(({ problem }) => problem ?? []);
  const title =
    names[status] ?? [...new Set(definitions.map((problem) => problem.title))].join(', ');
  const links = definitions.map(
    (problem) => `- [${problem.title}](${problemPath(problem)})<br>${escaped(problem.meaning)}`,
  );
  const headers = headersOf(document, response);
  const blocks = examples.map(
    ({ media, example }) => `\`\`\`${languageOf(media)}\n${printed(example)}\n\`\`\``,
  );
  return [
    `::: details ${status === 'default' ? '' : `${status} `}${title === '' ? response.description : title}`,
    ...(links.length > 0 ? [block('members', links.join('\n'))] : [response.description]),
    ...(headers.length > 0 ? [block('members', headers.join('\n'))] : []),
    ...blocks,
    ':::',
  ].join('\n\n');
}

/** Returns what an operation responds with, for each status. */
export function responsesOf(document: OpenAPIDocument, { responses }: Operation): string[] {
  const entries = Object.entries(responses);
  const isSuccess = ([status]: [string, unknown]) => /^[23]/.test(status);
  return [
    '## Responses',
    ...entries
      .filter(isSuccess)
      .flatMap(([status, response]) => successOf(document, status, response)),
    'The [headers of every response](/docs/reference/headers) are the same for all operations.',
    '## Errors',
    ...entries
      .filter((entry) => !isSuccess(entry))
      .map(([status, response]) => errorOf(document, status, response)),
  ];
}

/** Returns an example of each successful response with a body, as code blocks with a heading. */
export function successExamples({ responses }: Operation): string[] {
  return Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([status, { content = {} }]) =>
      Object.entries(content).flatMap(([type, media]) =>
        examplesOf(media).flatMap(([name, value]) => [
          `**Response ${status}**${name === '' ? '' : `: ${name}`}`,
          `\`\`\`${languageOf(type)}\n${printed(value)}\n\`\`\``,
        ]),
      ),
    );
}
