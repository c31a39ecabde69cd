import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { LocalServer } from '../../dev/local-server.ts';

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
export type Declaration = z.output<typeof declarations>[number];

/** Fetches the document of a server and removes the code samples, which are derived from the rest of it. */
export async function currentDocument({ origin }: LocalServer): Promise<object> {
  const text = await (await fetch(`${origin}/openapi.json`)).text();
  return JSON.parse(text.replaceAll(origin, ORIGIN), (key, value) =>
    key === 'x-codeSamples' ? undefined : value,
  );
}

/** Returns the document of the last release; undefined before the first release. */
export function releasedDocument(): object | undefined {
  return existsSync(RELEASED) ? JSON.parse(readFileSync(RELEASED, 'utf8')) : undefined;
}

/** Returns the breaking changes that `docs/breaking-changes.json` declares. */
export function declaredChanges(): Declaration[] {
  return declarations.parse(JSON.parse(readFileSync(DECLARED, 'utf8')));
}

/** Saves the current document as the document of the last release, and removes all declarations. */
export async function release(server: LocalServer): Promise<void> {
  writeFileSync(RELEASED, `${JSON.stringify(await currentDocument(server), null, 2)}\n`);
  writeFileSync(DECLARED, '[]\n');
}
