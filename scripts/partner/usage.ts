import { MAX_CREDENTIALS } from '../../src/resources/system/credentials.repository.ts';
import { MAX_OVERLAP } from '../../src/resources/system/rotation.repository.ts';
import { type Command, commandNames, type Form, formsOf } from './commands.ts';
import { DEFAULT_OVERLAP, leastScopes, scopeNames } from './values.ts';

function written(command: Command, { needs, may }: Form): string {
  const needed = Object.entries(needs).map(([name, value]) => `--${name} ${value}`);
  const possible = Object.entries(may).map(([name, value]) => `[--${name} ${value}]`);
  return ['npm run partner --', command, ...needed, ...possible].join(' ');
}

/** How a command is written, a line for each of its forms. */
export function usageOf(command: Command): string {
  const lines = formsOf(command).map((form) => `  ${written(command, form)}`);
  return ['Usage:', ...lines, 'Each takes --remote and --json, too.'].join('\n');
}

/** What `--help` prints. */
export function help(): string {
  const forms = commandNames.flatMap((command) =>
    formsOf(command).map((form) => `  ${written(command, form)}\n      ${form.does}`),
  );
  return `Partners with their clients and API keys.

${forms.join('\n')}

  --remote   in the deployed database; without it, in the local one
  --json     one JSON value on stdout, and nothing else (with npm run -s)
  --scopes   of ${scopeNames.join(', ')};
             without it: ${leastScopes}
  --expires  when it ends by itself, such as 2030-01-31T00:00:00Z; without it, never
  --overlap  seconds for which the old secret stays valid, 0 to ${MAX_OVERLAP}; without it ${DEFAULT_OVERLAP}

Secrets are shown once. A partner has at most ${MAX_CREDENTIALS} clients and ${MAX_CREDENTIALS} API keys.

Exit code 0: done. 1: the database could not be asked or did not answer. 2: wrong use.
3: it cannot be done as asked, and nothing was changed. The reason is a sentence on stderr,
and with --json also {"error": "..."} on stdout.`;
}
