import { globSync, readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { readPictureSources } from '../pictures/files.ts';
import type { GuideFiles } from './guides.ts';

/** Returns the texts of the files that match a pattern, by their paths in a folder. */
const textsOf = (folder: string, pattern: string) =>
  globSync(`${folder}/${pattern}`).map(
    (path) => [relative(folder, path).replaceAll(sep, '/'), readFileSync(path, 'utf8')] as const,
  );

/** Reads the guides, their programs and the pictures. */
export function readGuides(): GuideFiles {
  const pictures = Object.entries(readPictureSources());
  return Object.fromEntries([
    ...pictures.map(([name, source]) => [`pictures/${name}.mmd`, source] as const),
    ...textsOf('docs/guides', '**/*.*'),
    // Programs that only `npm run check -- future` can compile, because they import generated code.
    ...textsOf('docs', '*-client/{export,openapi-ts.config,orval.config}.ts'),
  ]);
}
