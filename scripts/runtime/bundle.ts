import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runWrangler } from '../process/wrangler.ts';

/** Creates a temporary folder. The caller must remove it. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'prepared-tickets-runtime-'));
}

/** A Worker in the one file that `wrangler deploy` would upload. */
export interface Bundle {
  /** The source text of the module. */
  readonly script: string;
  /** The size that wrangler reports, in KiB after gzip. Cloudflare limits this size. */
  readonly gzipKib: number;
}

/**
 * Bundles a Worker with the settings of wrangler.toml.
 *
 * @param folder the folder to write the bundle to.
 * @param entry the main module of the Worker.
 * @throws Error with the output of wrangler if the Worker cannot be bundled.
 */
export async function bundle(folder: string, entry = 'src/index.ts'): Promise<Bundle> {
  const command = ['deploy', entry, '--dry-run', '--outdir', folder];
  const { code, stdout, stderr } = await runWrangler(command);
  const size = /gzip: ([\d.]+) KiB/.exec(stdout)?.[1];
  if (code !== 0 || size === undefined) {
    throw new Error(`${entry} could not be bundled:\n${stdout}${stderr}`);
  }
  const name = (entry.split('/').at(-1) as string).replace(/\.[jt]s$/, '.js');
  return { script: readFileSync(join(folder, name), 'utf8'), gzipKib: Number(size) };
}
