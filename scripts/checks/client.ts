import { copyFileSync, cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { demoAccess } from '../dev/demo-access.ts';
import type { LocalServer } from '../dev/local-server.ts';
import { failureOf } from '../process/command.ts';
import { withFolder } from '../process/folder.ts';
import { runTool, ToolFolder } from './tool-folder.ts';

const tools = new ToolFolder('consumers');

/** The page that tells partners how to generate a client. */
const GUIDE = '/docs/generate-a-client.md';
/** The program of the guide that every client uses. */
const STREAM_PROGRAM = 'ticket_stream.ts';
/** The folders of the programs of each client, in the order of its commands in the guide. */
const CLIENTS = ['docs/typescript-client', 'docs/hey-api-client'];
/** The tickets that the export has on a page here, so that the programs need several pages. */
const PAGE = 20;

/** A client, its commands in the guide, and what they need. */
interface Client {
  readonly source: string;
  readonly commands: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The number of tickets that the program of the guide prints. */
  readonly total: number;
}

const compilerOptions = {
  strict: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  target: 'es2024',
  module: 'esnext',
  moduleResolution: 'bundler',
  allowImportingTsExtensions: true,
  types: ['node'],
};

/** Returns a fault for each package that the commands of a guide pin to another version than the one tested here. */
function pinFaults(source: string, commands: string): string[] {
  const { dependencies } = JSON.parse(readFileSync(join(tools.path, 'package.json'), 'utf8'));
  const [install = ''] = /^npm install .*$/m.exec(commands) ?? [];
  const pins = [...install.matchAll(/ (@?[^\s@]+)@(\S+)/g)];
  return [
    ...(pins.length === 0 ? [`${source}: the guide installs no package.`] : []),
    ...pins
      .filter(([, name = '', version]) => dependencies[name] !== version)
      .map(([pin]) => `${source}: the guide installs${pin}, and this check another version.`),
  ];
}

/** Generates, compiles and runs one client in a folder, with the commands of the guide. @returns the faults. */
async function check(
  cwd: string,
  { source, commands, environment, total }: Client,
): Promise<string[]> {
  cpSync(source, cwd, { recursive: true });
  copyFileSync(join('docs/guides', STREAM_PROGRAM), join(cwd, STREAM_PROGRAM));
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ type: 'module' }));
  const include = ['*.ts', 'client/**/*.ts'];
  writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions, include }));
  // Instead of `npm install`, so that the packages are those of the lock file.
  symlinkSync(join(tools.path, 'node_modules'), join(cwd, 'node_modules'), 'junction');
  const script = commands.replace(/^npm install .*\n/m, '').replace(/export\.ts$/m, `$& ${PAGE}`);
  const steps: [command: string, args: string[]][] = [
    ['bash', ['-euo', 'pipefail', '-c', script]],
    [tools.bin('tsc'), ['-p', '.']],
    [process.execPath, ['example.ts']],
  ];
  for (const [command, parameters] of steps) {
    const end = await runTool(command, parameters, { cwd, environment });
    const faults = failureOf(`${source}: ${[command, ...parameters].join(' ')}`, end);
    if (faults.length > 0) {
      return faults;
    }
    const read = end.stdout.match(/^\d+ .+$/gm) ?? [];
    // The program of the other client can have a ticket meanwhile.
    const isComplete = [0, 1].includes(read.length - total) && new Set(read).size === read.length;
    if (command === 'bash' && !isComplete) {
      return [`${source}: the program reads ${read.length} of ${total} tickets:\n${end.stdout}`];
    }
  }
  return [];
}

/**
 * Checks the guide "Generate a client", whose two clients come from openapi-typescript and @hey-api/openapi-ts. For
 * each it runs the commands of the guide, whose program exports all tickets in several pages. Then it compiles
 * everything under `strict`, and runs a program that creates, lists, updates and deletes a ticket.
 */
export async function checkClient(server: LocalServer): Promise<string[]> {
  await tools.install();
  const { variables } = await demoAccess(server);
  const { API, TOKEN, API_KEY } = variables;
  const list = await fetch(`${API}/v2/tickets/prepared-tickets?limit=0`, {
    headers: { authorization: `Bearer ${TOKEN}`, 'x-api-key': API_KEY },
  });
  const { total } = (await list.json()) as { total: number };
  const guide = await (await fetch(server.origin + GUIDE)).text();
  const blocks = Array.from(guide.matchAll(/^```bash\n([\s\S]*?)^```$/gm), ([, block]) => block);
  if (blocks.length !== CLIENTS.length || total <= PAGE) {
    return [`${GUIDE} has ${blocks.length} blocks of commands, and ${total} tickets exist.`];
  }
  // `node` is the one that runs this check, because older ones need a build.
  const PATH = [dirname(process.execPath), process.env.PATH].join(delimiter);
  const environment = { ...variables, PATH };
  const faults = await Promise.all(
    CLIENTS.map(async (source, i) => {
      const client = { source, commands: blocks[i] as string, environment, total };
      const found = await withFolder((folder) => check(folder, client));
      return [...pinFaults(source, client.commands), ...found];
    }),
  );
  return faults.flat();
}
