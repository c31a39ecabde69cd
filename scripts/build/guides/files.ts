import { globSync, readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { readPictureSources } from '../pictures/files.ts';
import type { GuideFiles } from './guides.ts';

const FOLDER = 'docs/guides';

/** Reads the guides, their programs and the pictures. */
export function readGuides(): GuideFiles {
  const pictures = Object.entries(readPictureSources());
  return Object.fromEntries([
    ...pictures.map(([name, source]) => [`pictures/${name}.mmd`, source] as const),
    ...globSync(`${FOLDER}/**/*.*`).map(
      (path) => [relative(FOLDER, path).replaceAll(sep, '/'), readFileSync(path, 'utf8')] as const,
    ),
  ]);
}
