import { spawn } from 'node:child_process';
import { z } from 'zod';
import { demoAccess } from './demo-access.ts';
import { finished } from './finished.ts';
import { runGuides } from './guide-examples.ts';
import type { LocalServer } from './local-server.ts';

const sample = z.object({ lang: z.string(), source: z.string() });
const parameter = z.object({ name: z.string(), example: z.unknown(), schema: z.unknown() });
const operation = z.object({
  operationId: z.string(),
  parameters: z.array(parameter.partial()).default([]),
  'x-codeSamples': z.array(sample),
});
const openApi = z.object({
  info: z.object({ description: z.string() }),
  tags: z.array(z.object({ description: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), operation)),
});

/** How a sample runs; those in other languages are for reading only. */
const runners: Record<string, readonly [command: string, ...args: string[]]> = {
  Shell: ['bash', '-euo', 'pipefail', '-c'],
  JavaScript: [process.execPath, '--input-type=module', '--eval'],
  Python: ['python3', '-c'],
};

/** The id that samples show for a ticket: the example of the document's path parameter. */
function shownTicket({ parameters }: z.output<typeof operation>): string | undefined {
  const found = parameters.find(({ name }) => name === 'prepared-ticket-id');
  const { example } = (found?.schema ?? {}) as { example?: unknown };
  return found && String(found.example ?? example);
}

/**
 * Runs the document's code samples in curl, JavaScript and Python, each against a ticket of its own,
 * and the examples of the guides in their order.
 *
 * @returns what is wrong, a sentence each.
 */
export async function checkSamples(server: LocalServer): Promise<string[]> {
  const document = openApi.parse(await (await fetch(`${server.origin}/openapi.json`)).json());
  const access = await demoAccess(server);
  const env = { ...process.env, ...access.variables };
  const faults: string[] = [];
  for (const item of Object.values(document.paths)) {
    for (const each of Object.values(item)) {
      await Promise.all(
        each['x-codeSamples'].map(async ({ lang, source }) => {
          const [command, ...args] = runners[lang] ?? [];
          if (command === undefined) {
            return;
          }
          const shown = shownTicket(each);
          const code = shown ? source.replaceAll(shown, await access.newTicket()) : source;
          const run = spawn(command, [...args, code], {
            env,
            stdio: ['ignore', 'pipe', 'pipe'],
            timeout: 30_000,
          });
          const end = await finished(run).catch(({ message }: Error) => ({
            code: message,
            stdout: '',
            stderr: 'Install it: samples are run in its language.\n',
          }));
          if (end.code !== 0) {
            faults.push(
              `${each.operationId} in ${lang} ended with ${end.code ?? 'a time-out'}:\n${code}\n${end.stdout}${end.stderr}`,
            );
          }
        }),
      );
    }
  }
  const guides = [document.info.description, ...document.tags.map((tag) => tag.description)];
  return [...faults, ...(await runGuides(guides, access.variables))];
}
