import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { unstable_readConfig } from 'wrangler';
import type { DocumentVariables } from './deployment.ts';

/** Returns the variables that a deployment has, from wrangler.toml. */
export function deployedVariables(): DocumentVariables {
  return unstable_readConfig({ config: 'wrangler.toml' }).vars as DocumentVariables;
}

/** Returns the variables that `wrangler dev` has: those of `.dev.vars` replace those of wrangler.toml. */
export function localVariables(): DocumentVariables {
  const local = existsSync('.dev.vars') ? parseEnv(readFileSync('.dev.vars', 'utf8')) : {};
  return { ...deployedVariables(), ...local };
}
