import type { Context } from 'hono';
import { ScannerSignatures } from '../../auth/scanner-signatures.ts';
import { oncePerConfig } from '../../config.ts';
import type { AppEnv } from '../../context.ts';
import { Problem } from '../../problems/problem.ts';
import type { Suspects } from './failed-attempts.ts';

/** Who signed the body, and how: ECDSA on P-256 with SHA-256 over its bytes, as DER in base64. */
const proofHeaders = {
  keyIdentifier: 'Github-Public-Key-Identifier',
  signature: 'Github-Public-Key-Signature',
} as const;

const signaturesOf = oncePerConfig(({ scannerKeysUrl }) => new ScannerSignatures(scannerKeysUrl));

class WrongSignature extends Problem {
  constructor() {
    super('wrongSignature');
  }
}

/** @throws WrongSignature */
async function verifySignature(c: Context<AppEnv>): Promise<void> {
  const keyIdentifier = c.req.header(proofHeaders.keyIdentifier);
  const signature = c.req.header(proofHeaders.signature);
  const isSigned =
    keyIdentifier !== undefined &&
    signature !== undefined &&
    (await signaturesOf(c.var.config).verify(
      await c.req.arrayBuffer(),
      { keyIdentifier, signature },
      c.var.dependencies,
    ));
  if (!isSigned) {
    throw new WrongSignature();
  }
}

/**
 * Requires that a key of the secret scanner signed the body, before anything else is made of it. Each
 * attempt without such a signature counts against its address.
 *
 * @throws Problem `wrongSignature` for a body that no key of the scanner signed, and
 * `tooManyFailedAttempts` for an address that sent too many such.
 */
export function requireSignature(c: Context<AppEnv>, suspects: Suspects): Promise<void> {
  return suspects.watch(
    c,
    (error) => error instanceof WrongSignature,
    () => verifySignature(c),
    // Wrong tokens from the same address must not hold up the report of a leak.
    { subject: 'report' },
  );
}
