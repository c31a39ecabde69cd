import type { OpenAPIDocument } from '../../../src/openapi/document.ts';
import { catalogue } from '../../../src/problems/catalogue.ts';
import type { ProblemDefinition } from '../../../src/problems/definition.ts';
import { type Operation, operationsOf, resolved, type Schema } from '../forms/read.ts';
import { escaped, publicProblems, tables } from '../guides/tables.ts';
import { operationPath, problemPath } from './addresses.ts';
import { block, type Page, type Section } from './page.ts';
import { membersOf, type Resolve } from './reference/members.ts';
import { examplesOfProblem, problemsOf } from './reference/responses.ts';

/** Returns what a violation contains, and every code that it can have. */
const violations = (schema: Schema, resolve: Resolve) => [
  '## Members of a violation',
  block('members', membersOf(schema, false, resolve)),
  '## Violation codes',
  `| code | meaning |\n| --- | --- |\n${tables.violation_codes}`,
];

function problemPage(
  definition: ProblemDefinition,
  document: OpenAPIDocument,
  operations: readonly Operation[],
): Page {
  const { status, title, type, meaning, remedy } = definition;
  const [example] = operations.flatMap((operation) => examplesOfProblem(operation, definition));
  const own = operations.filter((operation) => problemsOf(operation).includes(definition));
  const everywhere = own.length > operations.length / 2;
  const links = own.map((operation) => `- [${operation.summary}](${operationPath(operation)})`);
  return {
    path: problemPath(definition),
    title: `${status} ${title}`,
    markdown: [
      `# ${status} ${title}`,
      `Status \`${status}\`, type \`${type}\``,
      '## What happened',
      escaped(meaning),
      '## What to do',
      escaped(remedy),
      ...(definition.type === catalogue.violations.type
        ? violations({ $ref: '#/components/schemas/Violation' }, (schema) =>
            resolved(document, schema),
          )
        : []),
      ...(example === undefined ? [] : ['## Example', `\`\`\`json\n${example}\n\`\`\``]),
      ...(own.length === 0
        ? []
        : [
            '## Where it occurs',
            everywhere ? 'Most operations can return this problem.' : links.join('\n'),
          ]),
    ].join('\n\n'),
  };
}

/** Returns the page that lists the problems. */
function problemsPage(): Page {
  const rowOf = (definition: ProblemDefinition) =>
    `| ${definition.status} | [${definition.title}](${problemPath(definition)}) | ${escaped(definition.meaning)} |`;
  const ofService = ({ status }: ProblemDefinition) => status >= 500;
  const tableOf = (problems: readonly ProblemDefinition[]) =>
    ['| status | problem | meaning |', '| --- | --- | --- |', ...problems.map(rowOf)].join('\n');
  return {
    path: '/docs/problems',
    title: 'Problems',
    markdown: [
      '# Problems',
      'Every error response is `application/problem+json` as defined in RFC 9457, except the [OAuth errors](/docs/errors) from `/oauth2/token`. The `type` of a problem is the address of its page here. A program that requests this address with `Accept: application/json` gets its description as JSON.',
      '## Problems of a request',
      tableOf(publicProblems.filter((problem) => !ofService(problem))),
      '## Problems of the service',
      tableOf(publicProblems.filter(ofService)),
    ].join('\n\n'),
  };
}

/** Returns a page for each problem that a partner can receive, after the page that lists them. */
export function problemsSection(document: OpenAPIDocument): Section {
  const operations = operationsOf(document);
  return {
    title: 'Problems',
    isCollapsed: true,
    pages: [
      problemsPage(),
      ...publicProblems.map((definition) => problemPage(definition, document, operations)),
    ],
  };
}
