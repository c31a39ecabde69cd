import { type SpawnOptions, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { demoAccess } from './demo-access.ts';
import { finished } from './finished.ts';
import type { LocalServer } from './local-server.ts';

const EXAMPLE = 'docs/typescript-client/example.ts';
/** Not among the dependencies: the generator needs another TypeScript than this project. */
const GENERATOR = ['-p', 'openapi-typescript@7.13.0', '-p', 'typescript@5.9.3'];

const compilerOptions = {
  strict: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  target: 'es2024',
  lib: ['es2024', 'dom'],
  module: 'esnext',
  moduleResolution: 'bundler',
  allowImportingTsExtensions: true,
  types: ['node'],
};

/**
 * Does what a partner's developer does: generates a typed client from the served document, compiles
 * a program that uses it under `strict`, and runs that: create, list, update, delete.
 *
 * @returns what is wrong.
 */
export async function checkClient(server: LocalServer): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'typed-client-'));
  const { variables } = await demoAccess(server);
  const steps: [command: string, args: string[], options?: SpawnOptions][] = [
    [
      'npx',
      [
        '--yes',
        ...GENERATOR,
        'openapi-typescript',
        `${server.origin}/openapi.json`,
        '-o',
        'api.d.ts',
      ],
      { cwd: folder },
    ],
    ['npx', ['--no', '--', 'tsc', '-p', folder]],
    [process.execPath, ['example.ts'], { cwd: folder, env: { ...process.env, ...variables } }],
  ];
  try {
    copyFileSync(EXAMPLE, join(folder, 'example.ts'));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, include: ['*.ts'] }),
    );
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'junction');
    for (const [command, args, options] of steps) {
      const child = spawn(command, args, {
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 120_000,
        ...options,
      });
      const { code, stdout, stderr } = await finished(child);
      if (code !== 0) {
        const what = [command, ...args].join(' ');
        return [`${what} ended with ${code ?? 'a time-out'}:\n${stdout}${stderr}`];
      }
    }
    return [];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
