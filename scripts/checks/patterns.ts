import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { LocalServer } from '../dev/local-server.ts';
import { runTool, ToolFolder } from './tool-folder.ts';

const tools = new ToolFolder('consumers');

/** Every `pattern` of a document, once. */
function patternsOf(node: unknown, found = new Set<string>()): Set<string> {
  if (typeof node === 'object' && node !== null) {
    for (const [key, value] of Object.entries(node)) {
      if (key === 'pattern' && typeof value === 'string') {
        found.add(value);
      }
      patternsOf(value, found);
    }
  }
  return found;
}

/** Programs that print each pattern of their first argument, a JSON list, that their language refuses. */
const programs: Record<string, readonly [command: string, ...args: string[]]> = {
  Python: [
    'python3',
    '-c',
    `import json, re, sys
for pattern in json.loads(sys.argv[1]):
    try:
        re.compile(pattern)
    except re.error as error:
        print(pattern, error)`,
  ],
  // PCRE.
  PHP: [
    'php',
    '-r',
    `foreach (json_decode($argv[1]) as $pattern) {
    if (@preg_match("\\x01" . $pattern . "\\x01u", '') === false) {
        echo $pattern, ' ', preg_last_error_msg(), "\\n";
    }
}`,
    '--',
  ],
};

/** The patterns that RE2 refuses, the engine of Go, with its reason. */
function refusedByRE2(patterns: readonly string[]): string[] {
  const { RE2JS } = createRequire(join(tools.path, 'package.json'))('re2js') as {
    RE2JS: { compile(pattern: string): unknown };
  };
  return patterns.flatMap((pattern) => {
    try {
      RE2JS.compile(pattern);
      return [];
    } catch (error) {
      return [`RE2 refuses ${pattern}: ${(error as Error).message}`];
    }
  });
}

/**
 * Loads every pattern of the document with the regular expressions of ECMAScript, Python, PHP and Go.
 *
 * @returns what is refused.
 */
export async function checkPatterns({ origin }: LocalServer): Promise<string[]> {
  await tools.install();
  const patterns = [...patternsOf(await (await fetch(`${origin}/openapi.json`)).json())];
  if (patterns.length === 0) {
    return ['The document has no pattern.'];
  }
  for (const pattern of patterns) {
    new RegExp(pattern, 'u');
  }
  const faults = refusedByRE2(patterns);
  for (const [language, [command, ...args]] of Object.entries(programs)) {
    const list = JSON.stringify(patterns);
    const { code, stdout, stderr } = await runTool(command, [...args, list]);
    const refused = stdout.split('\n').filter((line) => line !== '');
    faults.push(...refused.map((line) => `${language} refuses ${line}`));
    if (code !== 0) {
      faults.push(`${language} ended with ${code ?? 'a time-out'}: ${stderr}`);
    }
  }
  return faults;
}
