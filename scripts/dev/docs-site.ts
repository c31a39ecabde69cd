import type { ChildProcess } from 'node:child_process';
import { AWAITED_PAGE } from '../build/missing-site.ts';
import { Running, start } from '../process/command.ts';
import { until } from '../process/until.ts';

/** What `npm run dev` prints when it has started to build the docs site, and when the site is served. */
export const siteMessages = {
  begins: 'Building the docs site, which takes about 15 seconds. The API does not wait for it.',
  isServed: 'The docs site is ready.',
} as const;

const POLL_INTERVAL_MS = 250;
/** The time after which wrangler must have copied the site. */
const POLL_TIMEOUT_MS = 60_000;

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
    const child = start(process.execPath, ['--no-warnings', 'scripts/build/assets.ts'], {
      environment: { ...this.#environment, WRANGLER_COMMAND: 'dev', DEV_SITE: 'now' },
    });
    this.#child = child;
    const { code, stdout, stderr } = await new Running(child).end;
    if (this.#child !== child) {
      return;
    }
    if (code !== 0) {
      console.error(`${stdout}${stderr}`.trim() || 'The docs site cannot be built.');
    } else if (await until(() => this.#isServed(), POLL_TIMEOUT_MS, POLL_INTERVAL_MS)) {
      console.log(siteMessages.isServed);
    } else {
      console.error('The docs site was built, but it is not served. Restart `npm run dev`.');
    }
  }

  /** Returns whether wrangler has noticed the site and copied it. */
  async #isServed(): Promise<boolean> {
    const page = this.#origin + AWAITED_PAGE;
    const response = await fetch(page, { method: 'HEAD' }).catch(() => undefined);
    return response?.ok === true;
  }

  /** Ends a build that still runs. */
  stop(): void {
    const child = this.#child;
    this.#child = undefined;
    child?.kill();
  }
}
