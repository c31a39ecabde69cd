import { globSync, readFileSync } from 'node:fs';
import { type Diagnostic, PositionEncoding, Workspace } from '@astral-sh/ruff-wasm-nodejs';
import { failureOf, run } from '../process/command.ts';

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
 *
 * @returns one sentence for each fault; empty if the check passes.
 */
export async function checkPrograms(): Promise<string[]> {
  const pyright = ['node_modules/pyright/index.js', '--pythonversion', '3.9', FOLDER];
  const end = await run(process.execPath, pyright, { timeout: 120_000 });
  return [...lintFaults(), ...failureOf('pyright', end)];
}
