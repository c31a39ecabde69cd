import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unstable_readConfig } from 'wrangler';
import { runWrangler } from '../process/wrangler.ts';

/** Creates a temporary folder. The caller must remove it. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'prepared-tickets-runtime-'));
}

/** A Worker in the one file that `wrangler deploy` would upload. */
export interface Bundle {
  /** The source text of the module. */
  readonly script: string;
  /** The path of the same Worker in the form in which wrangler uploads it. */
  readonly upload: string;
  /** The size that wrangler reports, in KiB after gzip. Cloudflare limits this size. */
  readonly gzipKib: number;
}

/**
 * Writes the settings of wrangler.toml that change the code of a Worker. With the others, wrangler would write the
 * assets before each bundle, and refuse a Worker that does not export the classes of the API's Durable Objects.
 *
 * @returns the path of the file.
 */
function writeCodeSettings(folder: string): string {
  const config = unstable_readConfig({ config: 'wrangler.toml' });
  const { name, compatibility_date, compatibility_flags, minify } = config;
  const settings = { name, compatibility_date, compatibility_flags, minify };
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'wrangler.json');
  writeFileSync(file, JSON.stringify(settings));
  return file;
}

/**
 * Bundles the API with all settings of wrangler.toml and writes its assets; or any Worker, with the settings that
 * change its code.
 *
 * @param folder the folder to write the bundle to.
 * @param worker the main module of the Worker; without it, the API with its assets.
 * @throws Error with the output of wrangler if the Worker cannot be bundled.
 */
export async function bundle(folder: string, worker?: string): Promise<Bundle> {
  const entry = worker ?? 'src/index.ts';
  const settings = worker === undefined ? [] : ['--config', writeCodeSettings(folder)];
  const upload = join(folder, 'worker.bundle');
  const outputs = ['--outdir', folder, '--outfile', upload];
  const command = ['deploy', entry, '--dry-run', ...outputs, ...settings];
  const { code, stdout, stderr } = await runWrangler(command);
  const size = /gzip: ([\d.]+) KiB/.exec(stdout)?.[1];
  if (code !== 0 || size === undefined) {
    throw new Error(`${entry} could not be bundled:\n${stdout}${stderr}`);
  }
  const name = (entry.split('/').at(-1) as string).replace(/\.[jt]s$/, '.js');
  return { script: readFileSync(join(folder, name), 'utf8'), upload, gzipKib: Number(size) };
}
