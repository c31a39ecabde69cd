import { copyFileSync, globSync, symlinkSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { freePort } from '../dev/ports.ts';
import { failureOf, run } from '../process/command.ts';
import { withFolder } from '../process/folder.ts';

/** A shell example of a guide. */
export interface Example {
  /** The heading above the example. */
  readonly guide: string;
  readonly code: string;
  /** What the guide says that the example prints; undefined if it does not say it. */
  readonly output?: string | undefined;
}

/** Matches a fenced block of shell, and a block of JSON or text right after it, which shows its output. */
const EXAMPLE = /^```sh\n([\s\S]*?)^```$(?:\n\n```(?:json|text)\n([\s\S]*?)^```$)?/gm;

/** Returns the shell examples of a guide in Markdown, with the output that the guide shows. */
export function examplesOf(markdown: string): Example[] {
  return markdown.split(/^## /m).flatMap((section) =>
    Array.from(section.matchAll(EXAMPLE), ([, code, output]) => ({
      guide: (section.split('\n')[0] as string).slice(0, 40),
      code: code as string,
      output,
    })),
  );
}

/** Returns an example with its placeholders replaced by credentials, and by the address of a receiver. */
export function filled(code: string, variables: Readonly<Record<string, string>>): string {
  return code.replaceAll(
    /your-(client-id|client-secret|api-key|webhook-url|local-port)/g,
    (_all, name: string) => {
      return variables[name.toUpperCase().replace('-', '_')] as string;
    },
  );
}

/** Returns an output without what differs in each run: identifiers and numbers. */
function comparable(output: string): string {
  return output
    .trim()
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>')
    .replaceAll(/\d+/g, '<number>');
}

/** Matches an error response in the output of curl: a problem, an OAuth error or a status line. */
const ERROR_RESPONSE = /"status":[45]\d\d|"error":"|^HTTP\/\S+ [45]/m;
/** The heading of the guide whose example shows an error. */
const ERRORS_GUIDE = 'Errors';

/**
 * Runs the examples of the guides like a reader: saves each program, and runs the shell examples one after the
 * other in one terminal, with the placeholders of the first one replaced. An example must print what the guide
 * shows below it, except for identifiers and numbers. Programs in JavaScript are run too.
 *
 * @param guides the guides in Markdown, beginning with the one for the first request.
 * @param variables the credentials by the name of their environment variable.
 */
export async function runGuides(
  guides: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<string[]> {
  const examples = guides.flatMap(examplesOf);
  if (examples.length === 0) {
    return ['No guide has a shell example.'];
  }
  const mark = '=== end of an example';
  const port = String(await freePort());
  const values = { ...variables, LOCAL_PORT: port, WEBHOOK_URL: `http://localhost:${port}/hook` };
  const script = examples.map(({ code }) => `${filled(code, values)}\necho '${mark}'\n`).join('');
  // A receiver that an example started would hold the output open after a failure.
  const begin = "exec 2>&1; trap 'kill $(jobs -p) 2>/dev/null || true' EXIT";
  const { code, stdout } = await withFolder((cwd) => {
    for (const program of globSync('docs/guides/*.{py,ts}')) {
      copyFileSync(program, join(cwd, basename(program)));
    }
    // Instead of `npm install`, so that the packages are those of the lock file.
    symlinkSync(resolve('node_modules'), join(cwd, 'node_modules'));
    const options = { cwd, env: { PATH: process.env.PATH }, timeout: 120_000 };
    return run('bash', ['-euo', 'pipefail', '-c', `${begin}\n${script}`], options);
  });
  const outputs = stdout.split(`${mark}\n`);
  const faults = examples.flatMap(({ guide, code: example, output: shown }, i) => {
    const output = outputs[i];
    const isExpected =
      output !== undefined && ERROR_RESPONSE.test(output) === (guide === ERRORS_GUIDE);
    if (!isExpected) {
      return [`The example of "${guide}" failed:\n${example}${output ?? ''}`];
    }
    return shown === undefined || comparable(output) === comparable(shown)
      ? []
      : [`The example of "${guide}" prints something else:\n${example}${output}`];
  });
  if (code !== 0) {
    faults.push(`The examples of the guides ended with ${code ?? 'a time-out'}.`);
  }
  for (const program of globSync('docs/guides/*.js')) {
    const options = { environment: variables, timeout: 30_000 };
    faults.push(...failureOf(program, await run(process.execPath, [program], options)));
  }
  return faults;
}
