import { json, operation } from '../../http/operation.ts';
import { leakLabels, leakReport } from './leaked-secrets.schemas.ts';

/**
 * The operation that secret scanners call, in the protocol of GitHub's secret scanning partner program.
 * Partners do not call it, so the document omits it.
 *
 * @see {@link https://docs.github.com/en/code-security/secret-scanning/secret-scanning-partnership-program/secret-scanning-partner-program}
 */
export const reportLeakedSecrets = operation({
  method: 'post',
  path: '/leaked-secrets',
  operationId: 'reportLeakedSecrets',
  access: 'public',
  requiresSignature: true,
  internal: true,
  summary: 'Report leaked secrets',
  request: { body: { required: true, content: { 'application/json': { schema: leakReport } } } },
  responses: { 200: json('Whether each reported text was a secret of a partner.', leakLabels, {}) },
});
