/**
 * Writes the Worker's static assets. wrangler runs this before each build, as `[build]` of wrangler.toml
 * says, and tells the command that it builds for.
 *
 * For `wrangler dev` the assets name the local address. Without `npm run dev`, which sets DEV_ISSUER, the
 * local secrets and the local database are made here, because wrangler reads them after this.
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
    // A deployment never has a local value.
    await writeAssets(DIRECTORY, deploymentOf(deployedVariables()));
  }
} catch (error) {
  fail((error as Error).message);
}
