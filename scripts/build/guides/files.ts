import { globSync, readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import type { GuideFiles } from './guides.ts';

const FOLDER = 'docs/guides';

/** Reads the guides and their programs. */
export function readGuides(): GuideFiles {
  return Object.fromEntries(
    globSync(`${FOLDER}/**/*.*`).map((path) => [
      relative(FOLDER, path).replaceAll(sep, '/'),
      readFileSync(path, 'utf8'),
    ]),
  );
}
