import { demoToken } from '../../dev/demo-token.ts';
import { API, type World } from '../../runtime/world.ts';
import type { Load } from './load.ts';
import type { Operator, Rotated } from './operator.ts';
import { type Call, send, tokenCall } from './traffic.ts';

/** The time for which an old secret stays valid. */
const OVERLAP_S = 5;
/** The time until the last program has the new secret. The rest of the overlap is for requests in flight. */
const SLOWEST_PROGRAM_MS = 3_500;
/** The time until the next step. */
const STEP_MS = 1_000;
/** The time of a rolling deployment, during which two versions serve requests. */
const ROLLING_MS = 2_000;

/** Sends a request with an expired credential. @returns a fault unless the response is a 401. */
async function acceptedFaults(
  what: string,
  origin: string,
  call: Call,
  error = '',
): Promise<string[]> {
  const { status, text } = await send(origin, call);
  const isRejected = status === 401 && text.includes(error);
  return isRejected
    ? []
    : [`${what} has expired, but a request with it returned ${status} instead of 401.`];
}

function list(token: string, key: string): Call {
  const headers = { authorization: `Bearer ${token}`, 'x-api-key': key };
  return { method: 'GET', path: '/v2/tickets/prepared-tickets?limit=1', headers };
}

/**
 * Rotates the client secret and the API key twice each, the second time within the overlap of the first.
 *
 * @returns a fault for each old secret that is accepted after its overlap.
 */
export async function rotateByApi(
  { origin }: World,
  operator: Operator,
  load: Load,
): Promise<string[]> {
  const before = await origin(API);
  const rotate = async (what: Rotated) => {
    const old = await operator.rotate(what, OVERLAP_S);
    load.announce(what, SLOWEST_PROGRAM_MS);
    return old;
  };
  const secrets = [await rotate('client_secret')];
  await load.during('client secret', [before], STEP_MS);
  secrets.push(await rotate('client_secret'));
  await load.during('client secret', [before], STEP_MS);
  // An isolate trusts a credential for 60 seconds after it looked it up, so only a new isolate looks up the
  // old key again.
  const isolates = [before, await origin('second')];
  const keys = [await rotate('api_key')];
  await load.during('API key', isolates, STEP_MS);
  isolates.push(await origin('third'));
  keys.push(await rotate('api_key'));
  await load.during('API key', isolates, OVERLAP_S * 1000 + STEP_MS);

  const faults: string[] = [];
  for (const secret of secrets) {
    const call = tokenCall(operator.newest.client_id, secret);
    faults.push(...(await acceptedFaults('A client secret', before, call, '"invalid_client"')));
  }
  const token = await demoToken(before, operator.newest);
  for (const key of keys) {
    const unaware = await origin('flipped');
    faults.push(...(await acceptedFaults('An API key', unaware, list(token, key))));
  }
  return faults;
}

/**
 * Rotates the signing keys from A to B in the two steps that docs/operating.md describes.
 *
 * @returns a fault if a token that the replaced key signed is still accepted.
 */
export async function rotateSigningKeys(
  { origin }: World,
  operator: Operator,
  load: Load,
): Promise<string[]> {
  const [before, flipped] = [await origin(API), await origin('flipped')];
  const replaced = await origin('replaced');
  const token = await demoToken(before, operator.newest);
  await load.during('signing key, A or B signs', [before, flipped], ROLLING_MS);
  // In a real rotation an hour passes here, after which every token that A signed has expired.
  await load.during('signing key, B signs', [flipped], STEP_MS);
  await load.during('signing key, A is old or new', [flipped, replaced], ROLLING_MS);
  await load.during('signing key, A is new', [replaced], STEP_MS);
  const call = list(token, operator.newest.api_key);
  return acceptedFaults('The token of an old signing key', replaced, call);
}
