import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from './finished.ts';
import type { LocalServer } from './local-server.ts';

/** Not among the dependencies: it brings hundreds of packages, and only this check needs it. */
const LINTER = '@redocly/cli@2.77.0';

/**
 * Lints the served OpenAPI document with the strictest of the linter's own rule sets, in which every
 * warning is an error.
 *
 * @returns what is wrong.
 */
export async function checkDocument({ origin }: LocalServer): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'openapi-'));
  try {
    const response = await fetch(`${origin}/openapi.json`);
    const file = join(folder, 'openapi.json');
    writeFileSync(file, JSON.stringify(await response.json(), null, 2));
    const lint = ['lint', '--extends=recommended-strict', '--format=stylish', file];
    const npx = spawn('npx', ['--yes', LINTER, ...lint], {
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
    });
    const { code, stdout, stderr } = await finished(npx);
    return code === 0 ? [] : [`${LINTER} ended with ${code ?? 'a time-out'}:\n${stdout}${stderr}`];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
