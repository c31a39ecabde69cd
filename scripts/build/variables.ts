import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { unstable_readConfig } from 'wrangler';
import type { DocumentVariables } from './deployment.ts';

/** Returns the variables of a deployment, which are those of wrangler.toml. */
export function deployedVariables(): Readonly<Record<string, string>> & DocumentVariables {
  return unstable_readConfig({ config: 'wrangler.toml' }).vars as Record<string, string>;
}

/** Returns the variables of `wrangler dev`, where those of `.dev.vars` replace those of wrangler.toml. */
export function localVariables(): DocumentVariables {
  const local = existsSync('.dev.vars') ? parseEnv(readFileSync('.dev.vars', 'utf8')) : {};
  return { ...deployedVariables(), ...local };
}
