import { readFileSync, writeFileSync } from 'node:fs';
import { Argument, Command } from 'commander';
import { z } from 'zod';
import type { Credentials } from '../partner/partners.ts';
import { fail } from '../process/fail.ts';
import { local } from './local.ts';

/** The names of the demo partners. They exist in the local database only. */
export const demoPartners = ['demo', 'other'] as const;
export type DemoPartner = (typeof demoPartners)[number];

/** The credentials of each demo partner, and those with which the portal acts for the partner `demo`. */
export type DemoCredentials = {
  readonly [owner in DemoPartner | 'portal']?: Credentials | undefined;
};

const demoCredentials = z
  .object({ client_id: z.string(), client_secret: z.string(), api_key: z.string() })
  .optional();
const file = z.object({ demo: demoCredentials, other: demoCredentials, portal: demoCredentials });

/** Returns the credentials that `npm run dev` saved; none if the file is missing or has another form. */
export function readDemoCredentials(path = local.credentials): DemoCredentials {
  try {
    return file.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return {};
  }
}

/** Saves the credentials in a file that only its owner can read. */
export function writeDemoCredentials(credentials: DemoCredentials): void {
  writeFileSync(local.credentials, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
}

/**
 * Returns a command whose first argument names a demo partner, `demo` by default.
 *
 * @param script the name of the npm script, for the help text.
 * @param description what the script prints.
 */
export function demoCommand(script: string, description: string): Command {
  return new Command(`npm run -s ${script} --`)
    .description(description)
    .addArgument(
      new Argument('[partner]', 'name of the demo partner').choices(demoPartners).default('demo'),
    );
}

/** Returns the saved credentials of a demo partner. Ends the script if there are none. */
export function requireDemoCredentials(partner: DemoPartner): Credentials {
  return (
    readDemoCredentials()[partner] ??
    fail('There are no demo credentials yet. Start the API with `npm run dev`, which creates them.')
  );
}

/**
 * Returns the credentials of the demo partner that the command line names. Ends the script if there
 * are none.
 *
 * @param script the name of the npm script, for the help text.
 * @param description what the script prints.
 */
export function demoPartner(script: string, description: string): Credentials {
  const [partner] = demoCommand(script, description).parse().processedArgs as [DemoPartner];
  return requireDemoCredentials(partner);
}
