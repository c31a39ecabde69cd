import type { Page } from './page.ts';

/** A version of the changelog with its date; the changes that are not released yet have none. */
export interface Release {
  readonly name: string;
  readonly date?: string | undefined;
  readonly text: string;
}

/** Matches the part of a release that partners do not see. */
const FOR_OPERATORS = /^### For operators\n[\s\S]*?(?=^### |$(?![\s\S]))/gm;
const HEADING = /^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?\n/;

/**
 * Returns what partners see of the releases, newest first.
 *
 * @param changelog the text of CHANGELOG.md.
 * @throws Error if a heading has another form than those of Keep a Changelog.
 */
export function releasesOf(changelog: string): Release[] {
  const sections = changelog.split(/^(?=## \[)/m).slice(1);
  return sections.map((section) => {
    const [heading, name, date] = HEADING.exec(section) ?? [];
    if (heading === undefined || name === undefined) {
      throw new Error(`CHANGELOG.md has a heading of another form: ${section.slice(0, 80)}`);
    }
    return { name, date, text: section.slice(heading.length).replaceAll(FOR_OPERATORS, '').trim() };
  });
}

/** Returns the page with all releases, which links to the feed. */
export function changelogPage(releases: readonly Release[]): Page {
  const sections = releases.flatMap(({ name, date, text }) => [
    `## ${name === 'Unreleased' ? 'Not released yet' : `${name}, ${date}`} {#${name.replaceAll('.', '-').toLowerCase()}}`,
    text,
  ]);
  return {
    path: '/docs/changelog',
    title: 'Changelog',
    source: 'CHANGELOG.md',
    markdown: [
      '# Changelog',
      'All changes that partners notice. Subscribe to the [Atom feed](/docs/changelog.atom) to learn of each release.',
      ...sections,
    ].join('\n\n'),
  };
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/**
 * Returns the releases as an Atom feed (RFC 4287).
 *
 * @param origin the base URL of this deployment, without a trailing slash.
 */
export function changelogFeed(releases: readonly Release[], origin: string): string {
  const page = `${origin}/docs/changelog`;
  const dated = releases.filter(({ date }) => date !== undefined);
  const entries = dated.map(
    ({ name, date, text }) => `  <entry>
    <id>${page}#${name.replaceAll('.', '-')}</id>
    <title>${name}</title>
    <updated>${date}T00:00:00Z</updated>
    <link href="${page}#${name.replaceAll('.', '-')}"/>
    <content type="text">${escaped(text)}</content>
  </entry>
`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <id>${page}</id>
  <title>Prepared tickets: changelog</title>
  <author><name>Prepared tickets API</name></author>
  <updated>${dated[0]?.date ?? '1970-01-01'}T00:00:00Z</updated>
  <link rel="self" href="${page}.atom"/>
  <link href="${page}"/>
${entries.join('')}</feed>
`;
}
