import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { LocalServer } from '../dev/local-server.ts';
import { withFolder } from '../process/folder.ts';
import { exceptions, redoclyExceptions } from './lint/exceptions.mjs';
import { runTool, ToolFolder } from './tool-folder.ts';

/** The linters. They have a separate lock file, because only this check needs their hundreds of packages. */
const linters = new ToolFolder('lint');

const spectralResults = z.array(
  z.object({ code: z.string(), message: z.string(), path: z.array(z.coerce.string()) }),
);
const location = z.array(z.object({ pointer: z.string().optional() }));
const redoclyResult = z.object({
  problems: z.array(z.object({ ruleId: z.string(), message: z.string(), location })),
});

/** Runs a linter and parses the JSON that it prints. @throws Error if it prints anything else. */
async function resultsOf<S extends z.ZodType>(
  schema: S,
  linter: string,
  parameters: readonly string[],
  environment = {},
): Promise<z.output<S>> {
  const { code, stdout, stderr } = await runTool(linters.bin(linter), parameters, { environment });
  try {
    return schema.parse(JSON.parse(stdout));
  } catch {
    throw new Error(`${linter} ended with ${code ?? 'a time-out'}:\n${stdout}${stderr}`);
  }
}

async function spectral(file: string, environment = {}): Promise<Finding[]> {
  const rules = ['--ruleset', join(linters.path, 'ruleset.mjs'), '--fail-severity=hint'];
  const parameters = ['lint', file, ...rules, '--format=json', '--quiet'];
  const results = await resultsOf(spectralResults, 'spectral', parameters, environment);
  return results.map(({ code, message, path }) => {
    const steps = path.map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1'));
    return { code, message, pointer: ['#', ...steps].join('/') };
  });
}

/** A finding of a linter at a place of the document. */
interface Finding {
  readonly code: string;
  readonly message: string;
  readonly pointer: string;
}

async function redocly(file: string): Promise<Finding[]> {
  const parameters = ['lint', file, '--extends=recommended-strict', '--format=json'];
  const { problems } = await resultsOf(redoclyResult, 'redocly', parameters, {
    REDOCLY_TELEMETRY: 'off',
    REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
  });
  return problems.map(({ ruleId, message, location }) => {
    return { code: ruleId, message, pointer: location[0]?.pointer ?? '#/' };
  });
}

type Exception = (typeof exceptions)[number];

/** Returns whether an exception is about a finding: its rule, at its place or below it. */
const isAbout = (rule: string, place: string, { code, pointer }: Finding): boolean =>
  code === rule && `${pointer}/`.startsWith(`${place}/`);

/** Returns a sentence for each exception that is not needed, because the document follows the rule. */
function unneeded(listed: readonly Exception[], found: readonly Finding[]): string[] {
  return listed.flatMap(({ rule, at = ['#'] }) =>
    at
      .filter((place) => !found.some((finding) => isAbout(rule, place, finding)))
      .map((place) => `${rule}: the exception at ${place} is not needed. Remove it.`),
  );
}

/** Returns the findings of Redocly that no exception is about. */
const unexcusedOf = (found: readonly Finding[]): Finding[] =>
  found.filter(
    (finding) =>
      !redoclyExceptions.some(({ rule, at = ['#'] }) =>
        at.some((place) => isAbout(rule, place, finding)),
      ),
  );

/**
 * Lints the served OpenAPI document with all rules of Spectral's rule sets for OpenAPI, security and
 * documentation, and with Redocly's strictest rule set. Prints the number of findings, and each disabled
 * rule with the reason.
 *
 * @returns the findings.
 */
export async function checkDocument({ origin }: LocalServer): Promise<string[]> {
  await linters.install();
  return withFolder(async (folder) => {
    const text = await (await fetch(`${origin}/openapi.json`)).text();
    const file = join(folder, 'openapi.json');
    // The linters require https addresses, which the document of a deployment has.
    const deployed = JSON.parse(text.replaceAll(origin, 'https://api.test'));
    writeFileSync(file, JSON.stringify(deployed, null, 2));
    const [results, unexcused, others] = await Promise.all([
      spectral(file),
      spectral(file, { WITHOUT_EXCEPTIONS: 'true' }),
      redocly(file),
    ]);
    const findings = [
      ...[...results, ...unexcusedOf(others)].map(
        ({ code, message, pointer }) => `${code}: ${message} (${pointer})`,
      ),
      ...unneeded(exceptions, unexcused),
      ...unneeded(redoclyExceptions, others),
    ];
    const listed = [...exceptions, ...redoclyExceptions];
    console.log(`${findings.length} findings, ${listed.length} exceptions:`);
    for (const { rule, at, reason } of listed) {
      const where = at === undefined ? 'everywhere' : at.join(' ');
      console.log(`- ${rule}, ${where}\n  ${reason}`);
    }
    return findings;
  });
}
