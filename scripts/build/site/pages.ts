import type { Deployment, OpenAPIDocument } from '../../../src/openapi/document.ts';
import { withSupport } from '../../../src/problems/support.ts';
import type { BuiltDocument } from '../document.ts';
import { byTag, type CodeSample, type Operation } from '../forms/read.ts';
import type { Guide } from '../guides/guides.ts';
import { operationPath, slugOf, withProblemPages } from './addresses.ts';
import { changelogPage, type Release } from './changelog.ts';
import { block, type Page, pagesOf, type Section } from './page.ts';
import { problemsSection } from './problems.ts';
import { operationPage } from './reference/operation-page.ts';

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
function referenceSection(
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

const guidePage = ({ name, title, text }: Guide): Page => ({
  path: `/docs/${name}`,
  title,
  markdown: `# ${title}\n\n${text}`,
});

/** Returns a text in which each title of a guide in quotation marks links to the guide. */
function withGuideLinks(markdown: string, pages: readonly Page[]): string {
  return pages.reduce(
    (text, { title, path }) => text.replaceAll(`"${title}"`, `[${title}](${path})`),
    markdown,
  );
}

/** Returns the first page: what the API is for, and the way to each other page. */
function overviewPage({ title, text }: Guide, sections: readonly Section[]): Page {
  const lists = sections.flatMap((section) => [
    `## ${section.title}`,
    (section.sections
      ? section.sections.map(({ title, pages }) => `- [${title}](${pages[0]?.path})`)
      : section.pages.map(({ title, path }) => `- [${title}](${path})`)
    ).join('\n'),
  ]);
  return {
    path: '/docs',
    title,
    label: 'What it is',
    markdown: [
      `# ${title}`,
      text,
      'Begin with the [first request](/docs/first-request), which takes five minutes.',
      ...lists,
      '## For programs',
      [
        '- [OpenAPI document](/openapi.json), also [in YAML](/openapi.yaml)',
        '- [Postman collection](/postman.json)',
        '- [All pages as one Markdown text](/llms-full.txt), and [their list](/llms.txt). Each page is available as Markdown at its address with `.md`.',
        '- [Try it](/docs/reference/createPreparedTicket#try-it): send requests from the browser. Each operation has a form.',
      ].join('\n'),
    ].join('\n\n'),
  };
}

/** The docs site as Markdown. */
export interface Site {
  readonly sections: readonly Section[];
  readonly pages: readonly Page[];
}

/**
 * Returns the pages of the docs site. They come from the document and its guides, the catalogue of problems, and
 * the changelog.
 */
export function docsSite(
  { document, samples, guides }: BuiltDocument,
  { supportContact }: Deployment,
  releases: readonly Release[],
): Site {
  const [first, ...tasks] = guides.tasks.map(guidePage) as [Page, ...Page[]];
  const topics = guides.topics.map(guidePage);
  const sections: Section[] = [
    { title: 'Guides', pages: tasks },
    { title: 'Topics', pages: topics },
    referenceSection(document, samples),
    problemsSection(document),
  ];
  const start = { title: 'Start', pages: [overviewPage(guides.introduction, sections), first] };
  const more = { title: 'More', pages: [changelogPage(releases)] };
  const text = (page: Page): Page => ({
    ...page,
    markdown: withGuideLinks(
      withSupport(withProblemPages(page.markdown), supportContact),
      [first, ...tasks, ...topics].filter(({ path }) => path !== page.path),
    ),
  });
  const complete = [start, ...sections, more].map((section) => mapped(section, text));
  return { sections: complete, pages: complete.flatMap(pagesOf) };
}

/** Returns a section with each of its pages changed. */
function mapped(section: Section, change: (page: Page) => Page): Section {
  return {
    ...section,
    pages: section.pages.map(change),
    ...(section.sections && { sections: section.sections.map((inner) => mapped(inner, change)) }),
  };
}
