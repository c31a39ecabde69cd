import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { LocalServer } from '../dev/local-server.ts';
import { compareDocuments } from './changes/compare.ts';

const RELEASED = 'docs/openapi.released.json';
const DECLARED = 'docs/breaking-changes.json';
/** The placeholder address in the released document, which does not depend on a deployment. */
const ORIGIN = 'https://prepared-tickets.example.com';

const reason = z.string().min(1);
const declarations = z.array(
  z.union([
    z.strictObject({ change: z.string(), reason }),
    z.strictObject({ behaviour: z.string().min(1), reason }),
  ]),
);

/**
 * An intended breaking change with its reason: a `change` that the comparison of two documents finds, or a
 * `behaviour` that no document shows, for example that the API now evaluates a header.
 */
type Declaration = z.output<typeof declarations>[number];

/** Fetches the document of a server and removes the code samples, which are derived from the rest of it. */
async function currentDocument({ origin }: LocalServer): Promise<object> {
  const text = await (await fetch(`${origin}/openapi.json`)).text();
  return JSON.parse(text.replaceAll(origin, ORIGIN), (key, value) =>
    key === 'x-codeSamples' ? undefined : value,
  );
}

/** Returns the document of the last release; undefined before the first release. */
function releasedDocument(): object | undefined {
  return existsSync(RELEASED) ? JSON.parse(readFileSync(RELEASED, 'utf8')) : undefined;
}

/** Returns the breaking changes that `docs/breaking-changes.json` declares. */
function declaredChanges(): Declaration[] {
  return declarations.parse(JSON.parse(readFileSync(DECLARED, 'utf8')));
}

/** Saves the current document as the document of the last release, and removes all declarations. */
export async function release(server: LocalServer): Promise<void> {
  writeFileSync(RELEASED, `${JSON.stringify(await currentDocument(server), null, 2)}\n`);
  writeFileSync(DECLARED, '[]\n');
}

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
