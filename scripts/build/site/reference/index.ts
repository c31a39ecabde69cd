import type { OpenAPIDocument } from '../../../../src/openapi/document.ts';
import { byTag, type CodeSample, type Operation } from '../../forms/read.ts';
import { operationPath, slugOf } from '../addresses.ts';
import { block, type Page, type Section } from '../page.ts';
import { operationPage } from './operation-page.ts';

const stepsOf = ({ path }: Operation) => path.split('/').length;

/** Returns operations in the order in which a reader needs them: those of the collection come first. */
const sorted = (operations: readonly Operation[]) =>
  operations.toSorted((a, b) => stepsOf(a) - stepsOf(b));

/** Returns the page of a group of operations: its guide and links to the operations. */
function tagPage(name: string, description: string, operations: readonly Operation[]): Page {
  const rows = operations.map(
    (operation) =>
      `| [${operation.summary}](${operationPath(operation)}) | \`${operation.method} ${operation.path}\` |`,
  );
  return {
    path: `/docs/reference/${slugOf(name)}`,
    title: name,
    markdown: [
      `# ${name}`,
      ['| operation | request |', '| --- | --- |', ...rows].join('\n'),
      description,
    ].join('\n\n'),
  };
}

/** Returns the page of the response headers that all operations share. */
function headersPage(document: OpenAPIDocument): Page {
  const headers = Object.entries(
    (document.components?.headers ?? {}) as Record<string, { description: string }>,
  );
  return {
    path: '/docs/reference/headers',
    title: 'Response headers',
    markdown: [
      '# Response headers',
      'Each response has the headers that apply to it. The page of an operation names those that its responses have in addition to the headers of every response.',
      block(
        'members',
        headers.map(([name, { description }]) => `- \`${name}\`<br>${description}`).join('\n'),
      ),
    ].join('\n\n'),
  };
}

/** Returns the reference: a section for each group of operations, in the order of the document. */
export function referenceSection(
  document: OpenAPIDocument,
  samples: Readonly<Record<string, readonly CodeSample[]>>,
): Section {
  const groups = byTag(document).map(({ name, description, operations }) => {
    const own = sorted(operations);
    return {
      title: name,
      isCollapsed: true,
      pages: [
        tagPage(name, description, own),
        ...own.map((each) => operationPage(document, each, samples[each.operationId] ?? [])),
      ],
    };
  });
  return { title: 'Reference', pages: [headersPage(document)], sections: groups };
}
