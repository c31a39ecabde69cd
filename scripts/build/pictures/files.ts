import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Picture, pictureOf } from './picture.ts';

/** The sources of the pictures, in Mermaid. */
export const PICTURE_FILES = 'docs/pictures/*.mmd';

/** Reads the sources of the pictures, by their names. */
export function readPictureSources(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    globSync(PICTURE_FILES).map((path) => [basename(path, '.mmd'), readFileSync(path, 'utf8')]),
  );
}

/**
 * Reads the picture of a name.
 *
 * @throws Error if there is none.
 */
export function readPicture(name: string): Picture {
  const source = readPictureSources()[name];
  if (source === undefined) {
    throw new Error(`docs/pictures/${name}.mmd is missing.`);
  }
  return pictureOf(name, source);
}
