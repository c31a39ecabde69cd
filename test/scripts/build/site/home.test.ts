import { expect, test } from 'vitest';
import { newestEntries } from '../../../../scripts/build/site/home.ts';

const release = (text: string) => [
  { name: 'Unreleased', text },
  { name: '1.0.0', text: '### Added\n\n- Old.' },
];

test('the first page shows the first sentence of the first three additions of the newest release', () => {
  const text = `### Changed

- A change.

### Added

- \`GET /v2/a.b\` returns a. It is new.
- The guide "B".
- A third one, e.g.x.
- A fourth one.

### Fixed

- A fault.`;
  expect(newestEntries(release(text))).toEqual([
    '- `GET /v2/a.b` returns a.',
    '- The guide "B".',
    '- A third one, e.g.x.',
  ]);
});

test('the first page shows no additions if the newest release has none', () => {
  expect(newestEntries(release('### Fixed\n\n- A fault.'))).toEqual([]);
  expect(newestEntries([])).toEqual([]);
});
