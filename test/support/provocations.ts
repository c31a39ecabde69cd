import { ACCESS_TOKEN_LIFETIME_S } from '../../src/auth/access-tokens.ts';
import { newApiKey } from '../../src/auth/secrets.ts';
import type { ProblemName } from '../../src/problems/catalogue.ts';
import { namesReference, tooLargeFor } from './calls.ts';
import { overloaded } from './d1.ts';
import type { DocumentedOperation } from './document.ts';
import { homeOf } from './homes.ts';
import { makePartner } from './partners.ts';
import { type Changes, type Scene, TOKEN, wrongToken } from './scene.ts';

type Provocation = (scene: Scene, operation: DocumentedOperation) => Promise<Response>;

/** Returns a provocation that changes the headers of a valid request. */
const withHeaders =
  (headers: (scene: Scene) => Promise<Changes['headers']> | Changes['headers']): Provocation =>
  async (scene, operation) =>
    scene.send(operation, { headers: (await headers(scene)) ?? {} });

/** Sends a request with a value that breaks a rule, in the first part of the request that the operation validates. */
export const violate: Provocation = (scene, operation) => {
  if (operation.requestBody) {
    return scene.send(operation, { body: operation.operationId === TOKEN ? 'scope=x' : '{}' });
  }
  if (namesReference(operation)) {
    return scene.send(operation, { id: 'R'.repeat(256) });
  }
  if (operation.path.includes('{')) {
    return scene.send(operation, { id: 'nonsense' });
  }
  const isConditional = operation.parameters?.some(({ name }) => name === 'If-Match');
  const headers = { 'if-match': 'nonsense' };
  return scene.send(operation, isConditional ? { headers } : { query: '?limit=-1' });
};

const exceed =
  (policy: Parameters<Scene['sendTooOften']>[1]): Provocation =>
  (scene, operation) =>
    scene.sendTooOften(operation, policy);

/** What provokes each problem at an operation whose responses list it. No operation of the document lists the other one. */
export const provocations: Record<Exclude<ProblemName, 'wrongSignature'>, Provocation> = {
  violations: violate,
  malformedBody: (scene, operation) => scene.send(operation, { body: '{' }),
  credentialsMissing: withHeaders(() => ({ authorization: null })),
  tokenExpired: withHeaders(async ({ partner, api }) => ({
    authorization: `Bearer ${await partner.token(api.now - ACCESS_TOKEN_LIFETIME_S * 1000)}`,
  })),
  tokenInvalid: withHeaders(() => wrongToken),
  apiKeyInvalid: withHeaders(() => ({ 'x-api-key': newApiKey('test') })),
  scopeMissing: withHeaders(({ partner, api }) => partner.headers(api, [])),
  partnerMismatch: withHeaders(async ({ partner }) => ({
    'x-api-key': (await makePartner({ home: homeOf(partner) })).apiKey,
  })),
  notFound: (scene, operation) => scene.send(operation, { id: crypto.randomUUID() }),
  methodNotAllowed: (scene, operation) => scene.send(operation, { method: 'PATCH' }),
  notAcceptable: withHeaders(() => ({ accept: 'image/png' })),
  ambiguousReference: (scene, operation) => scene.sendAmbiguous(operation),
  notReady: (scene, operation) => scene.sendNotReady(operation),
  ticketQuotaExceeded: (scene, operation) => scene.sendFull(operation),
  productLineQuotaExceeded: (scene, operation) => scene.sendFullOfLines(operation),
  tooManyCredentials: (scene, operation) => scene.sendTooMany(operation),
  tooManyWebhookEndpoints: (scene, operation) => scene.sendTooMany(operation),
  receiverRefused: (scene, operation) => scene.sendUnwanted(operation),
  tooManyProductLines: (scene, operation) => scene.sendTooManyLines(operation),
  credentialInUse: (scene, operation) => scene.sendOnItself(operation),
  pickedUp: (scene, operation) => scene.sendGone(operation),
  cursorExpired: (scene, operation) => scene.sendGone(operation),
  preconditionFailed: (scene, operation) =>
    scene.succeed(operation, { headers: { 'if-match': '"99"' } }),
  contentTooLarge: (scene, operation) => scene.send(operation, { body: tooLargeFor(operation) }),
  unsupportedMediaType: withHeaders(() => ({ 'content-type': 'text/plain' })),
  idempotencyKeyReused: (scene, operation) => scene.sendReused(operation),
  quotaExceeded: exceed('partner'),
  tooManyFailedAttempts: exceed('refused-credentials'),
  internalServerError: (scene, operation) => scene.sendToBroken(operation),
  serviceUnavailable: (scene, operation) => scene.sendToUnavailable(operation, overloaded()),
};
