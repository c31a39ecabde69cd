import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from '../process/finished.ts';

/** A code example of a guide. */
export interface Example {
  /** The heading above the example. */
  readonly guide: string;
  readonly language: string;
  readonly code: string;
}

/** Returns the examples of a guide in Markdown: its fenced blocks of shell, JavaScript and Python. */
export function examplesOf(markdown: string): Example[] {
  return markdown.split(/^## /m).flatMap((section) =>
    Array.from(section.matchAll(/^```(sh|js|python)\n([\s\S]*?)^```$/gm), ([, language, code]) => ({
      guide: (section.split('\n')[0] as string).slice(0, 40),
      language: language as string,
      code: code as string,
    })),
  );
}

/** Returns an example with its placeholders replaced by credentials. */
export function filled(code: string, variables: Readonly<Record<string, string>>): string {
  return code.replaceAll(/your-(client-id|client-secret|api-key)/g, (_all, name: string) => {
    return variables[name.toUpperCase().replace('-', '_')] as string;
  });
}

/** Returns the file name in the first line of a Python script. */
function scriptName(code: string): string {
  const [, name] = /^# (\w+\.py)$/m.exec(code) ?? [];
  if (name === undefined) {
    throw new Error(`A Python example does not name its file:\n${code}`);
  }
  return name;
}

/** Matches an error response in the output of curl: a problem, an OAuth error or a status line. */
const ERROR_RESPONSE = /"status":[45]\d\d|"error":"|^HTTP\/\S+ [45]/m;
/** The heading of the guide whose example shows an error. */
const ERRORS_GUIDE = 'Errors';

/**
 * Runs the examples of the guides like a reader: saves each Python script under the name in its first line,
 * and runs the shell examples one after the other in one terminal, with the placeholders of the first one
 * replaced.
 *
 * @param guides the guides in Markdown, beginning with the one for the first request.
 * @param variables the credentials by the name of their environment variable.
 * @returns one sentence for each fault; empty if the check passes.
 */
export async function runGuides(
  guides: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<string[]> {
  const examples = guides.flatMap(examplesOf);
  const shell = examples.filter(({ language }) => language === 'sh');
  if (shell.length === 0) {
    return ['No guide has a shell example.'];
  }
  const mark = '=== end of an example';
  const script = shell.map(({ code }) => `${filled(code, variables)}\necho '${mark}'\n`).join('');
  const folder = mkdtempSync(join(tmpdir(), 'guides-'));
  for (const { code } of examples.filter(({ language }) => language === 'python')) {
    writeFileSync(join(folder, scriptName(code)), code);
  }
  const bash = spawn('bash', ['-euo', 'pipefail', '-c', `exec 2>&1\n${script}`], {
    cwd: folder,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  const { code, stdout } = await finished(bash);
  rmSync(folder, { recursive: true });
  const outputs = stdout.split(`${mark}\n`);
  const faults = shell.flatMap(({ guide, code: example }, i) => {
    const output = outputs[i];
    const isExpected =
      output !== undefined && ERROR_RESPONSE.test(output) === (guide === ERRORS_GUIDE);
    return isExpected ? [] : [`The example of "${guide}" failed:\n${example}${output ?? ''}`];
  });
  if (code !== 0) {
    faults.push(`The examples of the guides ended with ${code ?? 'a time-out'}.`);
  }
  for (const { guide, code: example } of examples.filter(({ language }) => language === 'js')) {
    const node = spawn(process.execPath, ['--input-type=module', '--eval', example], {
      env: { ...process.env, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 30_000,
    });
    const end = await finished(node);
    if (end.code !== 0) {
      faults.push(`The JavaScript of "${guide}" ended with ${end.code}:\n${end.stderr}`);
    }
  }
  return faults;
}
