import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { fail } from './fail.ts';
import { local } from './local.ts';
import type { Credentials } from './partners.ts';

/** The partners that exist for trying the API, in the local database only. */
export const demoPartners = ['demo', 'other'] as const;
export type DemoPartner = (typeof demoPartners)[number];

export type DemoCredentials = { readonly [partner in DemoPartner]?: Credentials | undefined };

const credentials = z
  .object({ client_id: z.string(), client_secret: z.string(), api_key: z.string() })
  .optional();
const file = z.object({ demo: credentials, other: credentials });

/** What `npm run dev` kept for itself; nothing for a file that is missing or is not its own. */
export function readDemoCredentials(): DemoCredentials {
  if (!existsSync(local.credentials)) {
    return {};
  }
  try {
    return file.parse(JSON.parse(readFileSync(local.credentials, 'utf8')));
  } catch {
    return {};
  }
}

export function writeDemoCredentials(found: DemoCredentials): void {
  writeFileSync(local.credentials, `${JSON.stringify(found, null, 2)}\n`, { mode: 0o600 });
}

/** The credentials of the demo partner that the command line names; ends the script without any. */
export function demoPartner(script: string): Credentials {
  const [partner = 'demo', ...rest] = process.argv.slice(2);
  const known = demoPartners.find((name) => name === partner);
  if (known === undefined || rest.length > 0) {
    return fail(`Usage: npm run -s ${script} [-- ${demoPartners.join('|')}]`);
  }
  return (
    readDemoCredentials()[known] ??
    fail('There are no demo credentials yet: start the API with `npm run dev`, which makes them.')
  );
}
