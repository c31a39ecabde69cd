import { responseHeaders } from '../../../src/http/responses/header-components.ts';
import type { Deployment } from '../../../src/openapi/document.ts';
import type { BuiltDocument } from '../document.ts';
import { byTag, type Operation } from '../forms/read.ts';
import type { Guide } from '../guides/guides.ts';
import { operationPath, slugOf, withProblemPages } from './addresses.ts';
import { changelogPage, type Release } from './changelog.ts';
import { homePage } from './home.ts';
import { block, type Page, pagesOf, type Section } from './page.ts';
import { problemsSection } from './problems.ts';
import { operationPage } from './reference/operation-page.ts';
import { webhookSections } from './reference/webhooks.ts';
import { supportLink, withSupportLinks } from './support.ts';

const stepsOf = ({ path }: Operation) => path.split('/').length;

/** Returns operations in the order in which a reader needs them: those of the collection come first. */
const sorted = (operations: readonly Operation[]) =>
  operations.toSorted((a, b) => stepsOf(a) - stepsOf(b));

/** Returns the page of a group of operations: links to the operations, its guide, and what webhooks are. */
function tagPage(
  name: string,
  guide: string,
  operations: readonly Operation[],
  webhooks: readonly string[],
): Page {
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
      guide,
      ...webhooks,
    ].join('\n\n'),
  };
}

/** Returns the page of the response headers that all operations share. */
function headersPage(): Page {
  return {
    path: '/docs/reference/headers',
    title: 'Response headers',
    markdown: [
      '# Response headers',
      'Each response has the headers that apply to it. The page of an operation names those that its responses have in addition to the headers of every response.',
      block(
        'members',
        Object.entries(responseHeaders)
          .map(([name, { description }]) => `- \`${name}\`<br>${description}`)
          .join('\n'),
      ),
    ].join('\n\n'),
  };
}

/** Returns the reference: a section for each group of operations, in the order of the document. */
function referenceSection({ document, samples, guides }: BuiltDocument): Section {
  const groups = byTag(document).map(({ name, operations, webhooks }) => {
    const own = sorted(operations);
    // The descriptions of the document have no pictures.
    const guide = guides.tags.find(({ title }) => title === name)?.text ?? '';
    return {
      title: name,
      isCollapsed: true,
      pages: [
        tagPage(name, guide, own, webhookSections(document, webhooks)),
        ...own.map((each) => operationPage(document, each, samples[each.operationId] ?? [])),
      ],
    };
  });
  return { title: 'Reference', pages: [headersPage()], sections: groups };
}

const guidePage = ({ name, title, text }: Guide): Page => ({
  path: `/docs/${name}`,
  title,
  source: `docs/guides/${name}.md`,
  markdown: `# ${title}\n\n${text}`,
});

/** Returns a text in which each title of a guide in quotation marks links to the guide. */
function withGuideLinks(markdown: string, pages: readonly Page[]): string {
  return pages.reduce(
    (text, { title, path }) => text.replaceAll(`"${title}"`, `[${title}](${path})`),
    markdown,
  );
}

/** What the footer of each page says. */
interface About {
  /** The version of the API. */
  readonly version: string;
  /** The address of the link to the support. */
  readonly support?: string | undefined;
}

/** The docs site as Markdown. */
export interface Site {
  readonly sections: readonly Section[];
  readonly pages: readonly Page[];
  readonly about: About;
}

/**
 * Returns the pages of the docs site. They come from the document and its guides, the catalogue of problems, and
 * the changelog.
 */
export function docsSite(
  built: BuiltDocument,
  { supportContact }: Deployment,
  releases: readonly Release[],
): Site {
  const { document, guides } = built;
  const [first, ...tasks] = guides.tasks.map(guidePage) as [Page, ...Page[]];
  const topics = guides.topics.map(guidePage);
  const sections: Section[] = [
    { title: 'Guides', pages: tasks },
    { title: 'Topics', pages: topics },
    referenceSection(built),
    problemsSection(document),
  ];
  const start = { title: 'Start', pages: [homePage(built, releases), first] };
  const more = { title: 'More', pages: [changelogPage(releases)] };
  const text = (page: Page): Page => ({
    ...page,
    markdown: withGuideLinks(
      withSupportLinks(withProblemPages(page.markdown), supportContact),
      [first, ...tasks, ...topics].filter(({ path }) => path !== page.path),
    ),
  });
  const complete = [start, ...sections, more].map((section) => mapped(section, text));
  return {
    sections: complete,
    pages: complete.flatMap(pagesOf),
    about: { version: document.info.version, support: supportLink(supportContact) },
  };
}

/** Returns a section with each of its pages changed. */
function mapped(section: Section, change: (page: Page) => Page): Section {
  return {
    ...section,
    pages: section.pages.map(change),
    ...(section.sections && { sections: section.sections.map((inner) => mapped(inner, change)) }),
  };
}
