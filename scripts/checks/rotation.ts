import { once } from 'node:events';
import { newSigningKey } from '../../src/auth/signing-keys.ts';
import type { Deployment } from '../runtime/runtime.ts';
import { API, type World, withWorld } from '../runtime/world.ts';
import { Load } from './rotation/load.ts';
import { operatorAt } from './rotation/operator.ts';
import { rotateByApi, rotateSigningKeys } from './rotation/steps.ts';

/** The longest time that the whole check may take. */
const CHECK_TIMEOUT_MS = 60_000;
/** The number of requests below which the load was too low to prove anything. */
const MIN_REQUESTS = 200;

/** Returns the other Workers: two more isolates of the first deployment, and the deployments after it. */
async function neighbours(): Promise<Deployment[]> {
  const entry = 'src/index.ts';
  const other = JSON.stringify(await newSigningKey());
  return [
    { name: 'second', entry },
    { name: 'third', entry },
    { name: 'flipped', entry, variables: { SIGNER: 'B' } },
    { name: 'replaced', entry, variables: { SIGNER: 'B', SIGNING_KEY_A: other } },
  ];
}

interface Outcome {
  readonly faults: string[];
  readonly figures: string;
}

/**
 * Runs all rotations under load.
 *
 * @param late resolves to a fault if the check takes too long.
 */
async function rotateAll(world: World, late: Promise<string[]>): Promise<Outcome> {
  const before = await world.origin(API);
  const operator = await operatorAt(before, world.partners.big);
  const load = new Load(operator, [before]);
  const steps = async () => {
    const accepted = [
      ...(await rotateByApi(world, operator, load)),
      ...(await rotateSigningKeys(world, operator, load)),
    ];
    await load.stop();
    return [...accepted, ...(await load.ticketFaults())];
  };
  const faults = await Promise.race([steps(), late]).catch(({ message }: Error) => [message]);
  await load.stop();
  const { requests, tokens } = load.figures();
  if (requests < MIN_REQUESTS) {
    faults.push(`There were only ${requests} requests.`);
  }
  return {
    faults: [...faults, ...load.traffic.faults()],
    figures: `${requests} requests, ${tokens} of them for tokens; rotations: 2 of a client secret, 2 of an API key, 1 of the signing keys`,
  };
}

/**
 * Checks rotation under load. Rotates a client secret, an API key and the signing keys while programs of a
 * partner send requests and receive the new secrets with a delay. No request of a program may fail, and
 * expired secrets must be rejected.
 */
export async function checkRotation(): Promise<string[]> {
  const started = performance.now();
  const late = once(AbortSignal.timeout(CHECK_TIMEOUT_MS), 'abort').then(() => [
    `It took more than ${CHECK_TIMEOUT_MS / 1000} seconds.`,
  ]);
  const { faults, figures } = await withWorld(await neighbours(), {}, (world) =>
    rotateAll(world, late),
  );
  console.log(`${figures}; ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return faults;
}
