import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { unstable_readConfig } from 'wrangler';
import type { DocumentVariables } from './deployment.ts';

/** Returns the variables of a deployment, from wrangler.toml. */
export function deployedVariables(): DocumentVariables {
  return unstable_readConfig({ config: 'wrangler.toml' }).vars as DocumentVariables;
}

/** Returns the variables of `wrangler dev`: those of `.dev.vars` override those of wrangler.toml. */
export function localVariables(): DocumentVariables {
  const local = existsSync('.dev.vars') ? parseEnv(readFileSync('.dev.vars', 'utf8')) : {};
  return { ...deployedVariables(), ...local };
}
