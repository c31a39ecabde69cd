import { type ChildProcess, spawn } from 'node:child_process';
import { AWAITED_PAGE } from '../build/missing-site.ts';
import { finished } from '../process/finished.ts';

/** What `npm run dev` prints when it has started to build the docs site, and when the site is served. */
export const siteMessages = {
  begins: 'Building the docs site, which takes about 15 seconds. The API does not wait for it.',
  isServed: 'The docs site is ready.',
} as const;

const POLL_INTERVAL_MS = 250;
/** The time after which wrangler must have copied the site. */
const POLL_TIMEOUT_MS = 60_000;

/** Waits until wrangler has noticed the site and copied it. @returns whether it has. */
async function isServed(origin: string): Promise<boolean> {
  const end = Date.now() + POLL_TIMEOUT_MS;
  while (Date.now() < end) {
    const response = await fetch(origin + AWAITED_PAGE, { method: 'HEAD' }).catch(() => undefined);
    if (response?.ok) {
      return true;
    }
    await new Promise((done) => setTimeout(done, POLL_INTERVAL_MS));
  }
  return false;
}

/** Builds the docs site of a running `npm run dev`, again after each change of the code. */
export class BackgroundSite {
  readonly #origin: string;
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;

  /** @param environment the variables with which wrangler runs the build of the assets. */
  constructor(origin: string, environment: Readonly<Record<string, string>>) {
    this.#origin = origin;
    this.#environment = environment;
  }

  /** Builds the site and prints when it is served, or why it cannot be built. Replaces a build that still runs. */
  async build(): Promise<void> {
    this.stop();
    console.log(siteMessages.begins);
    const child = spawn(process.execPath, ['--no-warnings', 'scripts/build/assets.ts'], {
      env: { ...process.env, ...this.#environment, WRANGLER_COMMAND: 'dev', DEV_SITE: 'now' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const { code, stdout, stderr } = await finished(child);
    if (this.#child !== child) {
      return;
    }
    if (code !== 0) {
      console.error(`${stdout}${stderr}`.trim() || 'The docs site cannot be built.');
    } else if (await isServed(this.#origin)) {
      console.log(siteMessages.isServed);
    } else {
      console.error('The docs site was built, but it is not served. Restart `npm run dev`.');
    }
  }

  /** Ends a build that still runs. */
  stop(): void {
    const child = this.#child;
    this.#child = undefined;
    child?.kill();
  }
}
