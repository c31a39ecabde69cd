import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { LocalServer } from '../dev/local-server.ts';
import { failureOf } from '../process/command.ts';
import { runTool, ToolFolder } from './tool-folder.ts';

/** Collects every distinct `pattern` of a document. */
export function patternsOf(node: unknown, found = new Set<string>()): Set<string> {
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

const tools = new ToolFolder('consumers');

/** Programs that print each pattern that their language rejects. The patterns are a JSON list in the first argument. */
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
  // PHP uses the PCRE engine.
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

/** Returns a fault for each pattern that RE2, the engine of Go, rejects. */
function rejectedByRE2(patterns: readonly string[]): string[] {
  const { RE2JS } = createRequire(join(tools.path, 'package.json'))('re2js') as {
    RE2JS: { compile(pattern: string): unknown };
  };
  return patterns.flatMap((pattern) => {
    try {
      RE2JS.compile(pattern);
      return [];
    } catch (error) {
      return [`RE2 rejects ${pattern}: ${(error as Error).message}`];
    }
  });
}

/**
 * Checks that the engines of ECMAScript, Python, PHP and Go compile every pattern of the document.
 *
 * @returns one sentence for each rejected pattern; empty if the check passes.
 * @throws SyntaxError if ECMAScript rejects a pattern.
 */
export async function checkPatterns({ origin }: LocalServer): Promise<string[]> {
  await tools.install();
  const patterns = [...patternsOf(await (await fetch(`${origin}/openapi.json`)).json())];
  if (patterns.length === 0) {
    return ['The document has no patterns.'];
  }
  for (const pattern of patterns) {
    new RegExp(pattern, 'u');
  }
  const faults = rejectedByRE2(patterns);
  for (const [language, [command, ...args]] of Object.entries(programs)) {
    const list = JSON.stringify(patterns);
    const end = await runTool(command, [...args, list]);
    const rejected = end.stdout.split('\n').filter((line) => line !== '');
    faults.push(...rejected.map((line) => `${language} rejects ${line}`));
    faults.push(...failureOf(language, end));
  }
  return faults;
}
