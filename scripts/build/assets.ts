/**
 * Writes the static assets of the Worker. wrangler runs this before each build, because `[build]` of
 * wrangler.toml says so, and sets WRANGLER_COMMAND to the command that it builds for.
 *
 * For `wrangler dev`, the assets contain the local URL. `npm run dev` sets DEV_ISSUER and prepares the
 * local secrets and the local database itself. Otherwise this script prepares them, because wrangler
 * reads them afterwards.
 */
import { fail } from '../process/fail.ts';
import { deploymentOf } from './deployment.ts';
import { deployedVariables, localVariables } from './variables.ts';
import { writeAssets } from './write-assets.ts';

const DIRECTORY = '.assets';

const { WRANGLER_COMMAND, DEV_ISSUER, DEV_ASSETS = DIRECTORY } = process.env;

async function buildForDevelopment(): Promise<void> {
  if (DEV_ISSUER === undefined) {
    const { prepare } = await import('../dev/prepare.ts');
    for (const done of await prepare()) {
      console.log(done);
    }
  }
  const variables = localVariables();
  const deployment = deploymentOf({ ...variables, ISSUER: DEV_ISSUER ?? variables.ISSUER });
  await writeAssets(DEV_ASSETS, deployment, { hasSite: true });
}

try {
  if (WRANGLER_COMMAND === 'dev') {
    await buildForDevelopment();
  } else {
    // Local values must never get into a deployment.
    await writeAssets(DIRECTORY, deploymentOf(deployedVariables()), { hasSite: true });
  }
} catch (error) {
  fail((error as Error).message);
}
