import { existsSync, writeFileSync } from 'node:fs';
import { newSigningKey } from '../src/auth/signing-keys.ts';

/** Makes `.dev.vars` with a signing key of its own, unless there is one. Tells whether it did. */
export async function makeDevVars(): Promise<boolean> {
  if (existsSync('.dev.vars')) {
    return false;
  }
  const keys = JSON.stringify({ keys: [await newSigningKey()] });
  writeFileSync('.dev.vars', `SIGNING_KEYS='${keys}'\n`, { mode: 0o600, flag: 'wx' });
  return true;
}
