import type { BuiltDocument } from '../document.ts';
import { operationsOf } from '../forms/read.ts';
import { operationPath } from './addresses.ts';
import type { Release } from './changelog.ts';
import { block, type Page } from './page.ts';
import { successExamples } from './reference/responses.ts';

/** The operation whose request and response the page shows. */
const SHOWN_OPERATION = 'createPreparedTicket';
/** The number of new entries of the changelog that the page shows. */
const NEW_ENTRIES = 3;

/** The ways in, by what the reader wants to do. */
const WAYS = `- **[Bring my orders](/docs/sync-your-erp)**<br>Keep your tickets equal to the orders of your ERP, or [move all of them here](/docs/move-tickets) at once.
- **[Know what happens](/docs/follow-changes)**<br>Read each change from the event feed, or let a [webhook](/docs/receive-webhooks) bring it within a second.
- **[Go live](/docs/rotate-credentials)**<br>Create your credentials, make [retries](/docs/retries) safe, stay within the [rate limits](/docs/rate-limits), and handle [errors](/docs/errors).
- **[Look something up](/docs/reference/prepared-tickets)**<br>Each operation and [problem](/docs/problems) has a page. Programs read [OpenAPI](/openapi.json) (also in [YAML](/openapi.yaml)), a [Postman collection](/postman.json), or [all pages as Markdown](/llms-full.txt) with their [list](/llms.txt).`;

/** Returns a request in a shell beside its response. */
function requestOf({ document, samples }: BuiltDocument): string[] {
  const operation = operationsOf(document).find(
    ({ operationId }) => operationId === SHOWN_OPERATION,
  );
  const inShell = samples[SHOWN_OPERATION]?.find(({ lang }) => lang === 'Shell');
  if (operation === undefined || inShell === undefined) {
    throw new Error(`The document has no operation ${SHOWN_OPERATION}.`);
  }
  return [
    '## One request',
    `This request [creates a prepared ticket](${operationPath(operation)}). [First request in five minutes](/docs/first-request) leads you from your credentials to it.`,
    block(
      'request-and-response',
      block(
        'request',
        `**${operation.method} ${operation.path}**`,
        `\`\`\`sh\n${inShell.source}\n\`\`\``,
      ),
      block('response', ...successExamples(operation)),
    ),
  ];
}

/** Returns the first additions of the newest release, each up to the end of its first sentence. */
export function newestEntries(releases: readonly Release[]): string[] {
  const [, added = ''] = /^### Added\n\n((?:- .*\n?)+)/m.exec(releases[0]?.text ?? '') ?? [];
  const entries = added.split('\n').filter((line) => line.startsWith('- '));
  return entries.slice(0, NEW_ENTRIES).map((entry) => /^.*?\.(?=\s|$)/.exec(entry)?.[0] ?? entry);
}

/** Returns the first page: what the API is for, one request, the ways in, and what is new. */
export function homePage(built: BuiltDocument, releases: readonly Release[]): Page {
  const { name, title, text } = built.guides.introduction;
  const entries = newestEntries(releases);
  return {
    path: '/docs',
    title,
    label: 'What it is',
    layout: 'home',
    source: `docs/guides/${name}.md`,
    markdown: [
      `# ${title}`,
      text,
      ...requestOf(built),
      '## Where to begin',
      block('ways', WAYS),
      ...(entries.length > 0 ? ['## What is new', entries.join('\n')] : []),
      'The [changelog](/docs/changelog) has all changes, also as an [Atom feed](/docs/changelog.atom).',
    ].join('\n\n'),
  };
}
