import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runWrangler } from '../process/wrangler.ts';

/** A folder for what one run makes; whoever asks for it removes it. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'prepared-tickets-runtime-'));
}

/** A Worker in one file, as `wrangler deploy` would upload it. */
export interface Bundle {
  /** The text of its module. */
  readonly script: string;
  /** What wrangler says of it: KiB after gzip, as Cloudflare counts the limit. */
  readonly gzipKib: number;
}

/**
 * Bundles a Worker with the settings of wrangler.toml.
 *
 * @param folder receives the bundle.
 * @param entry another Worker than the configured one.
 * @throws Error with wrangler's own words when it cannot.
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
