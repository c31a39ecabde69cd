import { spawn } from 'node:child_process';
import { z } from 'zod';
import { type CredentialCollection, type DemoAccess, demoAccess } from './demo-access.ts';
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
type Operation = z.output<typeof operation>;

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

/** The id that samples show for what the path names first: the example of that parameter. */
function shownId({ parameters }: Operation): string | undefined {
  const found = parameters.find(({ name }) =>
    /^(?:prepared-ticket|client|key)-id$/.test(`${name}`),
  );
  const { example } = (found?.schema ?? {}) as { example?: unknown };
  return found && String(found.example ?? example);
}

/** Makes what an operation at this path can be called on, with room for one more. */
function newSubject(path: string, access: DemoAccess): Promise<string> {
  const collection = /^\/v2\/system\/(?:clients|api-keys)/.exec(path)?.[0];
  return collection === undefined
    ? access.newTicket()
    : access.newCredential(collection as CredentialCollection);
}

/** Runs a sample on a subject of its own. @returns what is wrong with it, if anything. */
async function run(
  path: string,
  operation: Operation,
  { lang, source }: z.output<typeof sample>,
  access: DemoAccess,
): Promise<string[]> {
  const [command, ...args] = runners[lang] ?? [];
  if (command === undefined) {
    return [];
  }
  const id = await newSubject(path, access);
  const shown = shownId(operation);
  const code = shown ? source.replaceAll(shown, id) : source;
  const child = spawn(command, [...args, code], {
    env: { ...process.env, ...access.variables },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
  });
  const end = await finished(child).catch(({ message }: Error) => ({
    code: message,
    stdout: '',
    stderr: 'Install it: samples are run in its language.\n',
  }));
  const told = `${operation.operationId} in ${lang} ended with ${end.code ?? 'a time-out'}`;
  return end.code === 0 ? [] : [`${told}:\n${code}\n${end.stdout}${end.stderr}`];
}

/**
 * Runs the document's code samples in curl, JavaScript and Python, each on a ticket, client or API key
 * of its own, and the examples of the guides in their order.
 *
 * @returns what is wrong, a sentence each.
 */
export async function checkSamples(server: LocalServer): Promise<string[]> {
  const document = openApi.parse(await (await fetch(`${server.origin}/openapi.json`)).json());
  const access = await demoAccess(server);
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.values(item).map((each) => [path, each] as const),
  );
  // One after the other within a resource, for a partner may have few credentials.
  const groups = Map.groupBy(operations, ([path]) => path.split('/').slice(0, 4).join('/'));
  const faults = await Promise.all(
    [...groups.values()].map(async (group) => {
      const found: string[] = [];
      for (const [path, each] of group) {
        for (const one of each['x-codeSamples']) {
          found.push(...(await run(path, each, one, access)));
        }
      }
      return found;
    }),
  );
  const guides = [document.info.description, ...document.tags.map((tag) => tag.description)];
  await access.newCredential('/v2/system/clients');
  return [...faults.flat(), ...(await runGuides(guides, access.variables))];
}
