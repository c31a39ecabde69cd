import { globSync, readFileSync } from 'node:fs';
import { type Diagnostic, PositionEncoding, Workspace } from '@astral-sh/ruff-wasm-nodejs';
import type { OpenAPIDocument } from '../../src/openapi/document.ts';
import { type CodeSample, type Operation, operationsOf } from '../build/forms/read.ts';
import { codeSamples } from '../build/forms/samples/index.ts';
import { type DemoAccess, demoAccess } from '../dev/demo-access.ts';
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

/** The command that runs a sample of each language. Samples in C# are not run, because Debian has no .NET. */
const runners: Record<string, readonly [command: string, ...args: string[]]> = {
  Shell: ['bash', '-euo', 'pipefail', '-c'],
  JavaScript: [process.execPath, '--input-type=module', '--eval'],
  Python: ['python3', '-c'],
  PHP: ['php', '-r', 'eval("?>" . $argv[1]);', '--'],
};
const NOT_RUN = 'C#';
/** The heading of the commands in the guide to a tag that set the variables of its samples. */
const VARIABLES_HEADING = '## Set the variables of the samples\n';

type Variables = Readonly<Record<string, string>>;

function runInBash(script: string, args: readonly string[], variables: Variables) {
  const env = { PATH: process.env.PATH, ...variables };
  const options = ['-euo', 'pipefail', '-c', script, 'sample'];
  return run('bash', [...options, ...args], { env, timeout: 30_000 });
}

/** Runs the first two commands of the page with credentials. Returns the variables that they set. */
async function pageVariables(description: string, credentials: Variables): Promise<Variables> {
  const [address, token] = examplesOf(description);
  const names = ['API', 'CLIENT_ID', 'CLIENT_SECRET', 'API_KEY', 'TOKEN'];
  const print = `printf '%s\\n' ${names.map((name) => `"$${name}"`).join(' ')}`;
  const script = [address?.code, token?.code, print].join('\n');
  const { stdout } = await runInBash(filled(script, credentials), [], {});
  const values = stdout.trim().split('\n');
  return Object.fromEntries(names.map((name, i) => [name, values[i] ?? '']));
}

/** Returns the commands in the description of a tag that set the variables of its samples, or an empty text. */
function commandsOf({ tags = [] }: OpenAPIDocument, tag = ''): string {
  const { description = '' } = tags.find(({ name }) => name === tag) ?? {};
  const [, after = ''] = description.split(VARIABLES_HEADING);
  return examplesOf(after)[0]?.code ?? '';
}

/** Runs a sample after the commands of its tag. @returns a fault if the sample fails. */
async function faultsOf(
  { operationId }: Operation,
  { lang, source }: CodeSample,
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

/** Matches the path of a collection of which a partner can have only five. */
const LIMITED = /^\/v2\/system\/(?:clients|api-keys|webhook-endpoints)/;

/**
 * Runs every sample of the operations below a path. Runs them one after the other, because a partner can
 * have only five clients, API keys and webhook endpoints.
 */
async function runAll(
  operations: readonly Operation[],
  document: OpenAPIDocument,
  access: DemoAccess,
  variables: Variables,
): Promise<string[]> {
  const found: string[] = [];
  for (const each of operations) {
    const [collection] = LIMITED.exec(each.path) ?? [];
    for (const one of codeSamples(access.origin, each)) {
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
  const response = await fetch(`${server.origin}/openapi.json`);
  const document = (await response.json()) as OpenAPIDocument;
  const access = await demoAccess(server);
  const { info, tags = [] } = document;
  const guides = [info, ...tags].map(({ description = '' }) => description);
  const variables = await pageVariables(guides[0] ?? '', access.variables);
  const groups = Map.groupBy(operationsOf(document), ({ path }) =>
    path.split('/').slice(0, 4).join('/'),
  );
  const faults = await Promise.all(
    [...groups.values()].map((group) => runAll(group, document, access, variables)),
  );
  return [
    ...faults.flat(),
    ...(await runGuides(guides, access.variables)),
    ...(await checkPrograms()),
  ];
}
