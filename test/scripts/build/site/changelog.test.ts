import { expect, test } from 'vitest';
import {
  changelogFeed,
  changelogPage,
  releasesOf,
} from '../../../../scripts/build/site/changelog.ts';

const CHANGELOG = `# Changelog

## [Unreleased]

### Added

- A list.

### For operators

- \`npm run keys\`, which creates keys.

### Security

- A guard.

## [0.2.0] - 2026-11-24

### Added

- Tickets with \`a < b\`.

### For operators

- A variable.
`;

const releases = releasesOf(CHANGELOG);

test('the changelog of the docs leaves out what only operators notice', () => {
  expect(releases.map(({ name, date }) => [name, date])).toEqual([
    ['Unreleased', undefined],
    ['0.2.0', '2026-11-24'],
  ]);
  const { markdown } = changelogPage(releases);
  expect(markdown).toContain('- A list.');
  expect(markdown).toContain('- A guard.');
  expect(markdown).not.toMatch(/operators|npm run keys|A variable/);
});

test('the feed has an entry for each release, and none for changes that are not released yet', () => {
  const feed = changelogFeed(releases, 'https://api.test');
  expect(feed.match(/<entry>/g)).toHaveLength(1);
  expect(feed).toContain('<title>0.2.0</title>');
  expect(feed).toContain('<updated>2026-11-24T00:00:00Z</updated>');
  expect(feed).toContain('a &lt; b');
  expect(feed).not.toContain('A list.');
});

test('a heading of another form is rejected', () => {
  expect(() => releasesOf('# Changelog\n\n## [1.0.0] yesterday\n')).toThrow('another form');
});
