import { globSync, readFileSync } from 'node:fs';
import { type Diagnostic, PositionEncoding, Workspace } from '@astral-sh/ruff-wasm-nodejs';
import { z } from 'zod';
import { type DemoAccess, demoAccess, type LimitedCollection } from '../dev/demo-access.ts';
import type { LocalServer } from '../dev/local-server.ts';
import { failureOf, run } from '../process/command.ts';
import { examplesOf, filled, runGuides } from './guide-examples.ts';

const FOLDER = 'docs/guides';

/** The rules of ruff for the programs. The guides promise that they run with this version of Python. */
const SETTINGS = {
  'target-version': 'py39',
  'line-length': 120,
  // Short programs import several modules in one line, and end before an open file matters.
  lint: { select: ['B', 'C4', 'E', 'F', 'SIM', 'UP', 'W'], ignore: ['E401', 'SIM115'] },
};

function lintFaults(): string[] {
  const ruff = new Workspace(SETTINGS, PositionEncoding.Utf16);
  return globSync(`${FOLDER}/*.py`).flatMap((path) =>
    ruff.check(readFileSync(path, 'utf8')).map(({ code, message, start_location }: Diagnostic) => {
      return `${path}:${start_location.row} ${code} ${message}`;
    }),
  );
}

/**
 * Checks the programs of the guides in Python with the linter ruff and the type checker pyright. `npm run verify`
 * checks those in TypeScript and JavaScript.
 */
async function checkPrograms(): Promise<string[]> {
  const pyright = ['node_modules/pyright/index.js', '--pythonversion', '3.9', FOLDER];
  const end = await run(process.execPath, pyright, { timeout: 120_000 });
  return [...lintFaults(), ...failureOf('pyright', end)];
}

const sample = z.object({ lang: z.string(), source: z.string() });
const operation = z.object({
  operationId: z.string(),
  tags: z.tuple([z.string()]),
});

const openApi = z.object({
  info: z.object({ description: z.string() }),
  tags: z.array(z.object({ name: z.string(), description: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), operation)),
});
type Document = z.output<typeof openApi>;

/** The samples that the docs page shows, by `operationId`. */
const samplesByOperation = z.record(z.string(), z.array(sample));
type Samples = z.output<typeof samplesByOperation>;

/** The command that runs a sample of each language. Samples in C# are not run, because Debian has no .NET. */
const runners: Record<string, readonly [command: string, ...args: string[]]> = {
  Shell: ['bash', '-euo', 'pipefail', '-c'],
  JavaScript: [process.execPath, '--input-type=module', '--eval'],
  Python: ['python3', '-c'],
  PHP: ['php', '-r', 'eval("?>" . $argv[1]);', '--'],
};
const NOT_RUN = 'C#';
/** The heading of the commands in the guide to a tag that set the variables of its samples. */
const VARIABLES_HEADING = '**Set the variables of the samples.**';

type Variables = Readonly<Record<string, string>>;

function runInBash(script: string, args: readonly string[], variables: Variables) {
  const env = { PATH: process.env.PATH, ...variables };
  const options = ['-euo', 'pipefail', '-c', script, 'sample'];
  return run('bash', [...options, ...args], { env, timeout: 30_000 });
}

/** Runs the first two commands of the page with credentials. Returns the variables that they set. */
async function pageVariables({ info }: Document, credentials: Variables): Promise<Variables> {
  const [address, token] = examplesOf(info.description);
  const names = ['API', 'CLIENT_ID', 'CLIENT_SECRET', 'API_KEY', 'TOKEN'];
  const print = `printf '%s\\n' ${names.map((name) => `"$${name}"`).join(' ')}`;
  const script = [address?.code, token?.code, print].join('\n');
  const { stdout } = await runInBash(filled(script, credentials), [], {});
  const values = stdout.trim().split('\n');
  return Object.fromEntries(names.map((name, i) => [name, values[i] ?? '']));
}

/** Returns the commands in the description of a tag that set the variables of its samples, or an empty text. */
function commandsOf({ tags }: Document, tag: string): string {
  const { description = '' } = tags.find(({ name }) => name === tag) ?? {};
  const [, after = ''] = description.split(VARIABLES_HEADING);
  return examplesOf(after)[0]?.code ?? '';
}

/** Runs a sample after the commands of its tag. @returns a fault if the sample fails. */
async function faultsOf(
  { operationId }: z.output<typeof operation>,
  { lang, source }: z.output<typeof sample>,
  commands: string,
  variables: Variables,
): Promise<string[]> {
  if (lang === NOT_RUN) {
    return [];
  }
  const runner = runners[lang];
  if (runner === undefined) {
    return [`There is no command that runs the samples in ${lang}.`];
  }
  const end = await runInBash(`${commands}\nexec "$@"`, [...runner, source], variables);
  const faults = failureOf(`${operationId} in ${lang}`, end);
  return faults.map((fault) => `${fault}\n${commands}${source}`);
}

/** Returns the path of the collection that an operation is about if a partner can have only five of it. */
function limitedAt(path: string): LimitedCollection | undefined {
  const [collection] = /^\/v2\/system\/(?:clients|api-keys|webhook-endpoints)/.exec(path) ?? [];
  return collection as LimitedCollection | undefined;
}

/**
 * Runs every sample of the operations below a path. Runs them one after the other, because a partner can
 * have only five clients, API keys and webhook endpoints.
 */
async function runAll(
  operations: readonly (readonly [path: string, operation: z.output<typeof operation>])[],
  { document, samples }: { readonly document: Document; readonly samples: Samples },
  access: DemoAccess,
  variables: Variables,
): Promise<string[]> {
  const found: string[] = [];
  for (const [path, each] of operations) {
    const collection = limitedAt(path);
    const own = samples[each.operationId] ?? [];
    if (own.length === 0) {
      found.push(`${each.operationId} has no sample.`);
    }
    for (const one of own) {
      found.push(...(await faultsOf(each, one, commandsOf(document, each.tags[0]), variables)));
      if (collection !== undefined) {
        await access.removeOthers(collection);
      }
    }
  }
  return found;
}

/**
 * Checks the code samples of the document in curl, JavaScript, Python and PHP, and the examples of the
 * guides. Runs each sample as it is printed, after the commands of its tag that set the variables. Lints the
 * programs of the guides in Python.
 */
export async function checkSamples(server: LocalServer): Promise<string[]> {
  const read = async (path: string) => (await fetch(server.origin + path)).json();
  const document = openApi.parse(await read('/openapi.json'));
  const samples = samplesByOperation.parse(await read('/docs/samples.json'));
  const access = await demoAccess(server);
  const variables = await pageVariables(document, access.variables);
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.values(item).map((each) => [path, each] as const),
  );
  const groups = Map.groupBy(operations, ([path]) => path.split('/').slice(0, 4).join('/'));
  const faults = await Promise.all(
    [...groups.values()].map((group) => runAll(group, { document, samples }, access, variables)),
  );
  const guides = [document.info.description, ...document.tags.map((tag) => tag.description)];
  return [
    ...faults.flat(),
    ...(await runGuides(guides, access.variables)),
    ...(await checkPrograms()),
  ];
}
