import { json, operation } from '../../http/operation.ts';
import { leakLabels, leakReport } from './leaked-secrets.schemas.ts';

/**
 * For secret scanners, in the protocol of GitHub's secret scanning partner programme. No partner calls
 * it, so it is left out of the document.
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
  responses: { 200: json('What became of each text.', leakLabels, {}) },
});
