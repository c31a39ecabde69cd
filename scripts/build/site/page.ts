/** A page of the docs site. */
export interface Page {
  /** The address of the page, without `.html`. The same address with `.md` returns its Markdown. */
  readonly path: string;
  readonly title: string;
  /** The title in the navigation, if it is shorter. */
  readonly label?: string;
  /** The page in Markdown with the containers of VitePress, beginning with its heading. */
  readonly markdown: string;
  /** The method and the path of the operation that the page is about. */
  readonly request?: string;
  /** The path of the file from which the page is made, if it is one. */
  readonly source?: string;
  /** How the page is laid out: the first page uses the whole width, and an operation has its samples beside the text. */
  readonly layout?: 'home' | 'operation';
}

/** A group of pages in the navigation. */
export interface Section {
  readonly title: string;
  readonly pages: readonly Page[];
  /** Whether the group is closed until a reader opens it or one of its pages. */
  readonly isCollapsed?: boolean;
  /** Groups within this group. */
  readonly sections?: readonly Section[];
}

/** Returns the pages of a section and of the sections within it, in the order of the navigation. */
export function pagesOf({ pages, sections = [] }: Section): Page[] {
  return [...pages, ...sections.flatMap(pagesOf)];
}

/** Returns a part of a page in Markdown with a class for the style sheet. */
export function block(name: string, ...markdown: readonly string[]): string {
  return [`<div class="${name}">`, ...markdown, '</div>'].join('\n\n');
}

/** Returns a page in Markdown that needs no knowledge of VitePress, as programs read it. */
export function plainMarkdown({ markdown }: Page): string {
  return `${markdown
    .replaceAll(/^<(?:\/?div|TryIt).*>(?:\n+|$)/gm, '')
    .replaceAll(/^::: details (.*)\n/gm, '### $1\n')
    .replaceAll(/^:::.*\n\n?/gm, '')
    .replaceAll(/^```(\w+) \[(.+)\]$/gm, '```$1')
    .replaceAll(/^(#+ .*?) \{#[\w-]+\}$/gm, '$1')
    .replaceAll(/\{target="_self"\}/g, '')
    .trim()}\n`;
}

/** Matches the first sentence of a paragraph. */
const SENTENCE = /^[A-Z`*[].*?\.(?=\s|$)/m;

/** Returns the first sentence of a page, without Markdown. */
export function summaryOf(page: Page): string {
  const text = plainMarkdown(page).replaceAll(/^```[\s\S]*?^```$/gm, '');
  const [sentence = page.title] = SENTENCE.exec(text) ?? [];
  return sentence.replaceAll(/\[(.+?)\]\(.+?\)/g, '$1').replaceAll(/`|\*\*/g, '');
}
