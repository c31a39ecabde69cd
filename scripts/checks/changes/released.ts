import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { LocalServer } from '../../dev/local-server.ts';

const RELEASED = 'docs/openapi.released.json';
const DECLARED = 'docs/breaking-changes.json';
/** No deployment's: the released document is that of all of them. */
const ORIGIN = 'https://prepared-tickets.example.com';

const reason = z.string().min(1);
const declarations = z.array(
  z.union([
    z.strictObject({ change: z.string(), reason }),
    z.strictObject({ behaviour: z.string().min(1), reason }),
  ]),
);

/**
 * A breaking change that is meant, with why: a `change` that two documents show, or a `behaviour` that
 * none shows, such as a header that was ignored before.
 */
export type Declaration = z.output<typeof declarations>[number];

/** The document that a server serves, without the code samples, which follow from the rest. */
export async function presentDocument({ origin }: LocalServer): Promise<object> {
  const text = await (await fetch(`${origin}/openapi.json`)).text();
  return JSON.parse(text.replaceAll(origin, ORIGIN), (key, value) =>
    key === 'x-codeSamples' ? undefined : value,
  );
}

/** The document of the last release; undefined before the first. */
export function releasedDocument(): object | undefined {
  return existsSync(RELEASED) ? JSON.parse(readFileSync(RELEASED, 'utf8')) : undefined;
}

export function declaredChanges(): Declaration[] {
  return declarations.parse(JSON.parse(readFileSync(DECLARED, 'utf8')));
}

/** Makes the present document that of the last release; what was declared is then done. */
export async function release(server: LocalServer): Promise<void> {
  writeFileSync(RELEASED, `${JSON.stringify(await presentDocument(server), null, 2)}\n`);
  writeFileSync(DECLARED, '[]\n');
}
