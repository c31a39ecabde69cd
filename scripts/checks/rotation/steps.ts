import { API, type World } from '../../runtime/world.ts';
import type { Load } from './load.ts';
import type { Operator, Rotated } from './operator.ts';
import { ask, type Call, send, tokenCall, tokenOf } from './send.ts';

/** Seconds for which an old secret stays valid. */
const OVERLAP = 5;
/** Milliseconds in which the slowest program learns the new one: the rest is for requests under way. */
const SLOWEST = 3_500;
/** Milliseconds until the next step, and of a deployment that rolls. */
const [STEP, ROLLING] = [1_000, 2_000];

/** A fault unless a credential that has ended is refused. */
async function acceptedFaults(
  what: string,
  origin: string,
  call: Call,
  error = '',
): Promise<string[]> {
  const { status, text } = await send(origin, call);
  const isRefused = status === 401 && text.includes(error);
  return isRefused ? [] : [`${what} has ended and was answered with ${status}, not with 401.`];
}

function list(token: string, key: string): Call {
  const headers = { authorization: `Bearer ${token}`, 'x-api-key': key };
  return { method: 'GET', path: '/v2/tickets/prepared-tickets?limit=1', headers };
}

async function newToken(origin: string, { newest }: Operator): Promise<string> {
  return tokenOf(await ask(origin, tokenCall(newest.client_id, newest.client_secret)));
}

/**
 * Rotates client secret and API key, twice each, the second time within the overlap of the first.
 *
 * @returns faults for those that are still accepted when the overlap is over.
 */
export async function rotateByApi(
  { origin }: World,
  operator: Operator,
  load: Load,
): Promise<string[]> {
  const before = await origin(API);
  const rotate = async (what: Rotated) => {
    const old = await operator.rotate(what, OVERLAP);
    load.announce(what, SLOWEST);
    return old;
  };
  const secrets = [await rotate('client_secret')];
  await load.during('client secret', [before], STEP);
  secrets.push(await rotate('client_secret'));
  await load.during('client secret', [before], STEP);
  // An isolate believes for a minute what it has seen: only one that is new looks at the old key again.
  const isolates = [before, await origin('second')];
  const keys = [await rotate('api_key')];
  await load.during('API key', isolates, STEP);
  isolates.push(await origin('third'));
  keys.push(await rotate('api_key'));
  await load.during('API key', isolates, OVERLAP * 1000 + STEP);

  const faults: string[] = [];
  for (const secret of secrets) {
    const call = tokenCall(operator.newest.client_id, secret);
    faults.push(...(await acceptedFaults('A client secret', before, call, '"invalid_client"')));
  }
  const token = await newToken(before, operator);
  for (const key of keys) {
    const unaware = await origin('flipped');
    faults.push(...(await acceptedFaults('An API key', unaware, list(token, key))));
  }
  return faults;
}

/**
 * Rotates the signing keys from A to B, in the two steps that docs/operating.md describes.
 *
 * @returns a fault when a token of the first key is still accepted.
 */
export async function rotateSigningKeys(
  { origin }: World,
  operator: Operator,
  load: Load,
): Promise<string[]> {
  const [before, flipped] = [await origin(API), await origin('flipped')];
  const replaced = await origin('replaced');
  const token = await newToken(before, operator);
  await load.during('signing key, A or B signs', [before, flipped], ROLLING);
  // Here an hour passes: no token that A signed is left.
  await load.during('signing key, B signs', [flipped], STEP);
  await load.during('signing key, A is old or new', [flipped, replaced], ROLLING);
  await load.during('signing key, A is new', [replaced], STEP);
  const call = list(token, operator.newest.api_key);
  return acceptedFaults('The token of an old signing key', replaced, call);
}
