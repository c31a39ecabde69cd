/**
 * Writes the static assets of the Worker. wrangler runs this before each build, because `[build]` of
 * wrangler.toml says so, and sets WRANGLER_COMMAND to the command that it builds for.
 *
 * For `wrangler dev`, the assets contain the local URL. `npm run dev` sets DEV_ISSUER and prepares the
 * local secrets and the local database itself. It also builds the docs site while the API already answers: it
 * reads SITE_IS_MISSING in the output and runs this script again with DEV_SITE, which leaves the site for the
 * build that wrangler then begins. Otherwise this script prepares everything, because wrangler reads it afterwards.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseEnv } from 'node:util';
import { unstable_readConfig } from 'wrangler';
import { CREDENTIALS_LINK } from '../../demo/credentials.ts';
import { fail } from '../process/fail.ts';
import { type DocumentVariables, deploymentOf } from './deployment.ts';
import { BUILT_SITE_FILE, SITE_IS_MISSING } from './missing-site.ts';
import { buildDocsSite, writeAssets } from './write-assets.ts';

/** Returns the variables of a deployment, from wrangler.toml. */
function deployedVariables(): DocumentVariables {
  return unstable_readConfig({ config: 'wrangler.toml' }).vars as DocumentVariables;
}

/** Returns the variables of `wrangler dev`: those of `.dev.vars` override those of wrangler.toml. */
function localVariables(): DocumentVariables {
  const local = existsSync('.dev.vars') ? parseEnv(readFileSync('.dev.vars', 'utf8')) : {};
  return { ...deployedVariables(), ...local };
}

const DIRECTORY = '.assets';

const { WRANGLER_COMMAND, DEV_ISSUER, DEV_ASSETS = DIRECTORY, DEV_SITE } = process.env;

/** Makes each running `wrangler dev` of this folder build its assets again, now with the docs site. */
function reportBuiltSite(): void {
  mkdirSync(dirname(BUILT_SITE_FILE), { recursive: true });
  writeFileSync(BUILT_SITE_FILE, new Date().toISOString());
}

async function buildForDevelopment(): Promise<void> {
  if (DEV_ISSUER === undefined) {
    const { prepare } = await import('../dev/prepare.ts');
    for (const done of await prepare()) {
      console.log(done);
    }
  }
  const variables = localVariables();
  const deployment = deploymentOf({ ...variables, ISSUER: DEV_ISSUER ?? variables.ISSUER });
  if (DEV_SITE !== undefined) {
    await buildDocsSite(deployment);
    reportBuiltSite();
    return;
  }
  const { lacksSite } = await writeAssets(
    DEV_ASSETS,
    deployment,
    DEV_ISSUER === undefined ? { html: 'now' } : { html: 'now if built', head: CREDENTIALS_LINK },
  );
  if (lacksSite) {
    console.log(SITE_IS_MISSING);
  }
}

try {
  if (WRANGLER_COMMAND === 'dev') {
    await buildForDevelopment();
  } else if (WRANGLER_COMMAND !== 'types') {
    // Local values must never get into a deployment. The types of the bindings need no assets.
    await writeAssets(DIRECTORY, deploymentOf(deployedVariables()), { html: 'now' });
  }
} catch (error) {
  fail((error as Error).message);
}
