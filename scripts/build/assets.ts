/**
 * Writes the static assets of the Worker. wrangler runs this script before each build, as `[build]` of
 * wrangler.toml configures, and passes its own command in WRANGLER_COMMAND.
 *
 * For `wrangler dev` the assets contain the local address. `npm run dev` sets DEV_ISSUER and prepares the
 * local secrets and database itself. Without it this script prepares them, because wrangler reads them
 * after the build.
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
  await writeAssets(DEV_ASSETS, deployment);
}

try {
  if (WRANGLER_COMMAND === 'dev') {
    await buildForDevelopment();
  } else {
    // A deployment must not contain the values of `.dev.vars`.
    await writeAssets(DIRECTORY, deploymentOf(deployedVariables()));
  }
} catch (error) {
  fail((error as Error).message);
}
