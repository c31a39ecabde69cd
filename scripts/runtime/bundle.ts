import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
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

/** The main module of the API, as wrangler.toml names it. */
export const API_ENTRY = 'src/index.ts';

/**
 * Writes the settings for a Worker that is not the API. They are those of wrangler.toml that change the code.
 * The others belong to the API: wrangler refuses a Worker that does not export the classes of its Durable
 * Objects, and would write the assets again.
 *
 * @returns the path of the file.
 */
function writeNeighbourSettings(folder: string): string {
  const config = unstable_readConfig({ config: 'wrangler.toml' });
  const { name, compatibility_date, compatibility_flags, minify } = config;
  // wrangler reads relative paths from the folder of the file.
  const alias = Object.fromEntries(
    Object.entries<string>(config.alias ?? {}).map(([from, to]) => [
      from,
      to.startsWith('.') ? resolve(to) : to,
    ]),
  );
  const settings = { name, compatibility_date, compatibility_flags, minify, alias };
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'wrangler.json');
  writeFileSync(file, JSON.stringify(settings));
  return file;
}

/**
 * Bundles a Worker with the settings of wrangler.toml.
 *
 * @param folder the folder to write the bundle to.
 * @param entry the main module of the Worker.
 * @throws Error with the output of wrangler if the Worker cannot be bundled.
 */
export async function bundle(folder: string, entry = API_ENTRY): Promise<Bundle> {
  const settings = entry === API_ENTRY ? [] : ['--config', writeNeighbourSettings(folder)];
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
