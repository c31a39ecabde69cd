import type { OpenAPIDocument } from '../../../src/openapi/document.ts';
import { type Page, pagesOf, plainMarkdown } from './page.ts';
import type { Site } from './pages.ts';

/**
 * Returns `/llms.txt` (llmstxt.org): a summary of the API with a link to each page of the docs site in Markdown.
 *
 * @param origin the base URL of this deployment, without a trailing slash.
 */
export function toLlmsText({ info }: OpenAPIDocument, { sections }: Site, origin: string): string {
  const [about = ''] = (info.description ?? '').split('\n\n## ');
  const lists = sections.map((section) => {
    // The complete text begins with the first page.
    const pages = pagesOf(section).filter(({ path }) => path !== '/docs');
    const links = pages.map(({ title, path, request }) => {
      return `- [${title}](${origin}${path}.md)${request === undefined ? '' : `: \`${request}\``}`;
    });
    return `## ${section.title}\n\n${links.join('\n')}`;
  });
  return `# ${info.title}

> ${about.split('\n\n').join('\n>\n> ')}

Every request to \`/v2\` needs an access token (\`Authorization: Bearer <token>\`, from \`${origin}/oauth2/token\`) and an API key (\`x-api-key: <key>\`). Error responses are \`application/problem+json\` (RFC 9457), except the OAuth errors from \`/oauth2/token\` (RFC 6749 §5.2).

- [All pages in one text](${origin}/llms-full.txt): guides, reference with examples of responses, problems and changelog
- [OpenAPI 3.1 in JSON](${origin}/openapi.json): the reference for programs
- [OpenAPI 3.1 in YAML](${origin}/openapi.yaml): the same document in YAML

${lists.join('\n\n')}

## Optional

- [Docs site](${origin}/docs): the same pages in a browser
- [Postman collection](${origin}/postman.json): a request for each operation
- [API catalog](${origin}/.well-known/api-catalog): links to the documentation and the health of the API (RFC 9727)
`;
}

/** Matches each sample after the first one in a group of tabs. */
const OTHER_SAMPLES = /^(::: code-group\n\n```[\s\S]*?^```\n)[\s\S]*?^(:::)$/gm;

/** Returns each page in Markdown, by its path within the assets. */
export function markdownFiles({ pages }: Site): Record<string, string> {
  return Object.fromEntries(
    pages
      .filter(({ path }) => path !== '/docs')
      .map((page) => [`${page.path}.md`, plainMarkdown(page)]),
  );
}

/** Returns all pages as one Markdown text, with the samples of each operation for a shell only. */
export function completeMarkdown({ pages }: Site): string {
  const short = (page: Page): Page => ({
    ...page,
    markdown: page.markdown.replaceAll(OTHER_SAMPLES, '$1\n$2'),
  });
  return pages.map((page) => plainMarkdown(short(page))).join('\n');
}
