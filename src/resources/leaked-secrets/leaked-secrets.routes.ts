import { json, operation } from '../../http/operation.ts';
import { leakLabels, leakReport } from './leaked-secrets.schemas.ts';

/** Who signed the body, and how: ECDSA on P-256 with SHA-256 over its bytes, as DER in base64. */
export const proofHeaders = {
  keyIdentifier: 'Github-Public-Key-Identifier',
  signature: 'Github-Public-Key-Signature',
} as const;

/**
 * For secret scanners, in the protocol of GitHub's secret scanning partner programme. No partner calls
 * it, so it is left out of the document.
 */
export const reportLeakedSecrets = operation({
  method: 'post',
  path: '/leaked-secrets',
  operationId: 'reportLeakedSecrets',
  access: 'public',
  internal: true,
  summary: 'Report leaked secrets',
  request: { body: { required: true, content: { 'application/json': { schema: leakReport } } } },
  responses: { 200: json('What became of each text.', leakLabels, {}) },
});
