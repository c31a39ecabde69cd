import { ORIGIN } from './addresses.ts';
import { type Page, type Section, summaryOf } from './page.ts';

/** The name of the site, which is a part of the title of each page. */
export const SITE = 'Prepared tickets API';

interface SidebarItem {
  /** The text in HTML. */
  readonly text: string;
  /** The text in the links to the previous and the next page, if it is another one. */
  readonly docFooterText?: string;
  readonly link?: string;
  readonly collapsed?: boolean;
  readonly items?: readonly SidebarItem[];
}

/** Returns the link to a page, before which an operation has its method. */
function linkOf({ label, title, path, request }: Page): SidebarItem {
  const text = label ?? title;
  const [method] = request?.split(' ') ?? [];
  return method === undefined
    ? { text, link: path }
    : {
        text: `<span class="method" data-method="${method}">${method}</span> ${text}`,
        docFooterText: text,
        link: path,
      };
}

/** Returns a group of the navigation. The title of a group that can be closed links to its first page. */
export function sidebarOf({ title, pages, isCollapsed, sections = [] }: Section): SidebarItem {
  const links = pages.map(linkOf);
  const items = [...sections.map(sidebarOf), ...(isCollapsed ? links.slice(1) : links)];
  const [first] = links;
  return isCollapsed && first?.link !== undefined
    ? { text: title, link: first.link, ...(items.length > 0 && { collapsed: true, items }) }
    : { text: title, items };
}

/** The classes of pages without an outline, by their layouts. */
const pageClasses = { home: 'is-home', operation: 'has-samples' };

/** Returns what search engines and previews of links read (https://ogp.me). */
function headOf({ title, path }: Page, description: string): unknown[] {
  const url = ORIGIN + path;
  const preview = { title, description, url, type: 'article', site_name: SITE };
  return [
    ['link', { rel: 'canonical', href: url }],
    ...Object.entries(preview).map(([name, content]) => [
      'meta',
      { property: `og:${name}`, content },
    ]),
  ];
}

/**
 * Returns a page as a source of VitePress.
 *
 * @param repository the address of the files of the repository, if they have one.
 */
export function sourceOf(page: Page, repository: string | undefined): string {
  const { title, layout, markdown, source } = page;
  const description = summaryOf(page);
  const matter = {
    title,
    description,
    head: headOf(page, description),
    ...(repository && source && { source: repository + source }),
    ...(layout && { pageClass: pageClasses[layout], aside: false, outline: false }),
  };
  return `---\n${JSON.stringify(matter)}\n---\n\n${markdown}\n`;
}

/**
 * Returns the address of the files of a repository on its host, or undefined if `package.json` names none.
 *
 * @param manifest the text of `package.json`, whose `repository` is an address or an object with an address.
 */
export function repositoryOf(manifest: string): string | undefined {
  const { repository } = JSON.parse(manifest) as { repository?: string | { url: string } };
  const address = typeof repository === 'object' ? repository.url : repository;
  const page = address?.replace(/^git\+/, '').replace(/\.git$/, '');
  return page?.startsWith('https://') ? `${page}/blob/HEAD/` : undefined;
}
