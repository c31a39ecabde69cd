import { json, operation } from '../../http/operation.ts';
import { leakLabels, leakReport } from './leaked-secrets.schemas.ts';

/**
 * Receives reports of secret scanners, in the protocol of GitHub's secret scanning partner programme. It is
 * not part of the document, because no partner calls it.
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
  responses: { 200: json('The label of each reported secret.', leakLabels, {}) },
});
