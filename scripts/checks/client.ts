import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoAccess } from '../dev/demo-access.ts';
import type { LocalServer } from '../dev/local-server.ts';
import { failureOf } from '../process/command.ts';
import { withFolder } from '../process/folder.ts';
import { runTool, ToolFolder } from './tool-folder.ts';

const tools = new ToolFolder('consumers');

/** The generator of each client, by the folder of its example program. */
const clients: Record<string, readonly [generator: string, ...args: string[]]> = {
  'docs/typescript-client': ['openapi-typescript', 'openapi.json', '-o', 'api.d.ts'],
  'docs/hey-api-client': ['openapi-ts', '--silent', '--no-log-file'],
};

const compilerOptions = {
  strict: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  target: 'es2024',
  lib: ['es2024', 'dom', 'dom.iterable'],
  module: 'esnext',
  moduleResolution: 'bundler',
  allowImportingTsExtensions: true,
  types: ['node'],
};

/** Generates, compiles and runs one client in a folder. @returns the faults. */
async function check(
  cwd: string,
  source: string,
  document: string,
  environment: Readonly<Record<string, string>>,
): Promise<string[]> {
  cpSync(source, cwd, { recursive: true });
  writeFileSync(join(cwd, 'openapi.json'), document);
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ type: 'module' }));
  const include = ['*.ts', 'client/**/*.ts'];
  writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions, include }));
  symlinkSync(join(tools.path, 'node_modules'), join(cwd, 'node_modules'), 'junction');
  const [generator, ...args] = clients[source] as [string, ...string[]];
  const steps: [command: string, args: string[]][] = [
    [tools.bin(generator), args],
    [tools.bin('tsc'), ['-p', '.']],
    [process.execPath, ['example.ts']],
  ];
  for (const [command, parameters] of steps) {
    const end = await runTool(command, parameters, { cwd, environment });
    const faults = failureOf(`${source}: ${[command, ...parameters].join(' ')}`, end);
    if (faults.length > 0) {
      return faults;
    }
  }
  return [];
}

/**
 * Checks the document with the generators openapi-typescript and @hey-api/openapi-ts. For each it generates
 * a client from the downloaded document, compiles a program that uses the client under `strict`, and runs
 * the program, which creates, lists, updates and deletes a ticket.
 */
export async function checkClient(server: LocalServer): Promise<string[]> {
  await tools.install();
  const { variables } = await demoAccess(server);
  const document = await (await fetch(`${server.origin}/openapi.json`)).text();
  const faults = await Promise.all(
    Object.keys(clients).map((source) =>
      withFolder((folder) => check(folder, source, document, variables)),
    ),
  );
  return faults.flat();
}
