import type { Context } from 'hono';
import { ScannerKeys } from '../../auth/scanner-keys.ts';
import { isSignedByScanner } from '../../auth/scanner-signatures.ts';
import { oncePerConfig } from '../../config.ts';
import type { AppEnv } from '../../context.ts';
import { openDatabase } from '../../homes.ts';
import { Problem } from '../../problems/problem.ts';
import type { FailedAttempts } from './failed-attempts.ts';

/**
 * The headers that carry the key identifier and the signature of a report. The signature is ECDSA on
 * P-256 with SHA-256 over the raw bytes of the body, in DER and base64.
 *
 * @see {@link https://docs.github.com/en/code-security/secret-scanning/secret-scanning-partnership-program/secret-scanning-partner-program}
 */
const signatureHeaders = {
  keyIdentifier: 'Github-Public-Key-Identifier',
  signature: 'Github-Public-Key-Signature',
} as const;

/** Returns the keys of the scanner, which are cached for each configuration. */
export const scannerKeysOf = oncePerConfig(
  ({ scannerKeysUrl, scannerToken }) => new ScannerKeys(scannerKeysUrl, scannerToken),
);

/** The time limit for keeping the keys, in milliseconds. */
const KEEP_DB_TIMEOUT_MS = 10_000;

class WrongSignature extends Problem {
  constructor() {
    super('wrongSignature');
  }
}

/**
 * Verifies the signature of the body.
 *
 * @throws WrongSignature if the signature is missing or was not made with a key of the scanner.
 */
async function verifySignature(c: Context<AppEnv>): Promise<void> {
  const keyIdentifier = c.req.header(signatureHeaders.keyIdentifier);
  const signature = c.req.header(signatureHeaders.signature);
  const { config, db, dependencies, home } = c.var;
  const keys = scannerKeysOf(config);
  const isSigned =
    keyIdentifier !== undefined &&
    signature !== undefined &&
    (await isSignedByScanner(await c.req.arrayBuffer(), { keyIdentifier, signature }, (id) =>
      keys.find(id, dependencies, db),
    ));
  if (!isSigned) {
    throw new WrongSignature();
  }
  if (keys.hasNewCopy) {
    const writes = keys.keep(openDatabase(c.env, home, undefined, KEEP_DB_TIMEOUT_MS, db.cost));
    // A later report, or the cron trigger, repeats it.
    dependencies.background(writes.catch(() => undefined));
  }
}

/**
 * Requires a valid signature of the secret scanner before the body is parsed. Each attempt without one
 * counts against its address.
 *
 * @throws Problem `wrongSignature` if no key of the scanner signed the body, and `tooManyFailedAttempts`
 * if the address sent too many such bodies.
 */
export function requireSignature(
  c: Context<AppEnv>,
  failedAttempts: FailedAttempts,
): Promise<void> {
  return failedAttempts.watch(
    c,
    (error) => error instanceof WrongSignature,
    () => verifySignature(c),
    // Reports have a subject of their own, so that wrong tokens from the same address do not throttle them.
    { subject: 'report' },
  );
}
