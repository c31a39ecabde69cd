import type { LocalServer } from '../dev/local-server.ts';
import { compareDocuments } from './changes/compare.ts';
import { currentDocument, declaredChanges, releasedDocument } from './changes/released.ts';

/**
 * Prints what changed for partners since the last release.
 *
 * @returns each breaking change that `docs/breaking-changes.json` does not declare, and each declaration
 * without a breaking change.
 */
export async function checkChanges(server: LocalServer): Promise<string[]> {
  const released = releasedDocument();
  if (released === undefined) {
    return [
      'There is no document of the last release. Run `npm run release:document` to create it.',
    ];
  }
  const changes = compareDocuments(released, await currentDocument(server));
  const declarations = declaredChanges();
  const declared = new Map(
    declarations.flatMap((one) => ('change' in one ? [[one.change, one.reason] as const] : [])),
  );
  for (const { breaking, text } of changes) {
    const reason = declared.get(text);
    const mark = breaking ? 'BREAKS' : 'change';
    console.log(`${mark} ${text}${reason === undefined ? '' : ` (declared: ${reason})`}`);
  }
  for (const one of declarations) {
    if ('behaviour' in one) {
      console.log(`BREAKS ${one.behaviour} (declared: ${one.reason})`);
    }
  }
  const broken = changes.filter(({ breaking }) => breaking).map(({ text }) => text);
  return [
    ...broken
      .filter((text) => !declared.has(text))
      .map(
        (text) =>
          `This change breaks partners, and docs/breaking-changes.json gives no reason for it: ${text}`,
      ),
    ...[...declared.keys()]
      .filter((text) => !broken.includes(text))
      .map(
        (text) =>
          `docs/breaking-changes.json declares a change that is not a breaking change: ${text}`,
      ),
  ];
}
