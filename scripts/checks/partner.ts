import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { demoPartners } from '../dev/demo-credentials.ts';
import type { LocalServer } from '../dev/local-server.ts';
import { type Finished, finished } from '../process/finished.ts';

const credential = z.object({
  id: z.string(),
  client_secret: z.string().optional(),
  api_key: z.string().optional(),
  disabled: z.boolean(),
});
const partner = z.object({ clients: z.array(credential), api_keys: z.array(credential) });
const quota = z.object({ prepared_tickets: z.int(), full_at: z.string().nullable() });
const failure = z.object({ error: z.string().optional() });
const list = z.object({ partners: z.array(partner) });
type Credential = z.output<typeof credential>;

/** A command line that must fail, with the expected exit code and a part of the expected message. */
type FailingCommand = readonly [args: readonly string[], code: number, reason: string];

const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

const wrongUses: readonly FailingCommand[] = [
  [[], 2, 'create, list, quota, disable, enable, delete, rotate'],
  [['destroy', '--partner', 'A'], 2, 'create, list, quota, disable, enable, delete, rotate'],
  [['create', '--nmae', 'A'], 2, '--name'],
  [['create', '--name'], 2, '--name'],
  [['create', '--partner', 'A', '--client', 'C', '--key', 'K'], 2, '--key'],
  [['create', '--name', 'A', '--scopes', 'everything'], 2, '--scopes'],
  [['disable'], 2, '--partner'],
  [['rotate', '--client', 'A'], 2, '--client'],
  [['rotate', '--client', UNKNOWN_ID, '--overlap', '2592001'], 2, '--overlap'],
  [['quota', '--partner', 'A', '--tickets', 'many'], 2, '--tickets'],
];

/** Runs the real command line on the database of a server. Collects one sentence for each fault. */
class Operator {
  readonly faults: string[] = [];
  readonly #server: LocalServer;

  constructor(server: LocalServer) {
    this.#server = server;
  }

  /** Adds a fault unless a condition is true. */
  require(isTrue: boolean, fault: string): void {
    if (!isTrue) {
      this.faults.push(fault);
    }
  }

  /**
   * Runs a command.
   *
   * @param start the program and its first arguments. The default bypasses npm, which takes half a second.
   */
  async run(
    args: readonly string[],
    environment: LocalServer['environment'] = this.#server.environment,
    start: readonly [string, ...string[]] = [process.execPath, 'scripts/partner/partner.ts'],
  ): Promise<Finished> {
    const [program, ...before] = start;
    return finished(
      spawn(program, [...before, ...args], {
        env: { ...process.env, ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
        shell: program === 'npm' && process.platform === 'win32',
      }),
    );
  }

  /** Runs a command that must succeed. Returns its one JSON value. @throws Error if it fails. */
  async succeed<S extends z.ZodType>(schema: S, ...args: readonly string[]): Promise<z.output<S>> {
    const { code, stdout, stderr } = await this.run([...args, '--json']);
    if (code !== 0) {
      throw new Error(`partner ${args.join(' ')} ended with ${code}: ${stderr}`);
    }
    return schema.parse(JSON.parse(stdout));
  }

  /** Runs a command that must fail with an exit code and a message, on stderr and in its one JSON value. */
  async fail(
    [args, code, reason]: FailingCommand,
    environment: LocalServer['environment'] = this.#server.environment,
  ): Promise<void> {
    const end = await this.run([...args, '--json'], environment);
    const { error = '' } = failure.parse(JSON.parse(end.stdout));
    this.require(
      end.code === code && end.stderr.includes(reason) && error.includes(reason),
      `partner ${args.join(' ')} ended with ${end.code} instead of ${code} and "${reason}" on both outputs:\n${end.stderr}`,
    );
  }

  /** Requests an access token. The response must have a status and, for a 400 or 401, an error code. */
  async token(what: string, { id, client_secret = '' }: Credential, expected: string) {
    const form = { grant_type: 'client_credentials', client_id: id, client_secret };
    const response = await fetch(`${this.#server.origin}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    const body = (await response.json()) as { access_token?: string; error?: string };
    const got = [response.status, body.error].filter(Boolean).join(' ');
    this.require(
      got === expected,
      `A token request ${what} returned ${got} instead of ${expected}.`,
    );
    return body.access_token ?? '';
  }

  /** Lists tickets. The response must have a status. */
  tickets(what: string, token: string, key: Credential, expected: number) {
    return this.#send(`Listing tickets ${what}`, token, key, expected, {});
  }

  /** Creates a ticket. The response must have a status. */
  create(what: string, token: string, key: Credential, expected: number) {
    const body = JSON.stringify({
      customer_id: UNKNOWN_ID,
      vehicle_model_id: 0,
      vin: null,
      preparer_external_reference: '',
    });
    return this.#send(`Creating a ticket ${what}`, token, key, expected, { method: 'POST', body });
  }

  async #send(
    what: string,
    token: string,
    { api_key = '' }: Credential,
    expected: number,
    init: RequestInit,
  ): Promise<void> {
    const { status } = await fetch(`${this.#server.origin}/v2/tickets/prepared-tickets`, {
      ...init,
      headers: {
        authorization: `Bearer ${token}`,
        'x-api-key': api_key,
        ...(init.body !== undefined && { 'content-type': 'application/json' }),
      },
    });
    this.require(status === expected, `${what} returned ${status} instead of ${expected}.`);
  }
}

/** Parses the credentials in the output for people. */
function parseOutput(text: string): { client: Credential; key: Credential } {
  const shown = (label: string) => new RegExp(`${label}: +(\\S+)$`, 'm').exec(text)?.[1] ?? '';
  return {
    client: { id: shown('client_id'), client_secret: shown('client_secret'), disabled: false },
    key: { id: shown('id'), api_key: shown('api_key'), disabled: false },
  };
}

/** Creates a partner, rotates, disables and enables its client, and finally disables the partner. */
async function checkCommands(operator: Operator): Promise<void> {
  const created = await operator.run(['create', '--name', 'A']);
  operator.require(created.code === 0, `partner create --name A failed: ${created.stderr}`);
  const { client: first, key } = parseOutput(created.stdout);
  const token = await operator.token('for a new client', first, '200');
  await operator.tickets('with a new key', token, key, 200);

  const rotate = async (overlap: string) => {
    const args = ['rotate', '--client', first.id, '--overlap', overlap];
    return (await operator.succeed(partner, ...args)).clients[0] as Credential;
  };
  const second = await rotate('60');
  await operator.token('with the old secret, within its overlap', first, '200');
  await operator.token('with the new secret', second, '200');
  const third = await rotate('0');
  await operator.token('with a secret that was rotated away', second, '401 invalid_client');
  await operator.token('with a secret whose overlap was cut', first, '401 invalid_client');

  await operator.succeed(partner, 'disable', '--client', first.id);
  await operator.token('for a disabled client', third, '400 unauthorized_client');
  await operator.succeed(partner, 'enable', '--client', first.id);
  await operator.token('for an enabled client', third, '200');

  const none = await operator.succeed(quota, 'quota', '--partner', 'A', '--tickets', '0');
  operator.require(none.full_at !== null, 'A is not full with a quota of 0.');
  await operator.create('beyond the quota', token, key, 409);
  const some = await operator.succeed(quota, 'quota', '--partner', 'A', '--tickets', '1');
  operator.require(some.prepared_tickets === 0 && some.full_at === null, 'A is full.');
  await operator.create('within the quota', token, key, 201);

  // Both run at the same time, so that one waits for the other.
  const [{ api_keys }] = await Promise.all([
    operator.succeed(partner, 'create', '--partner', 'A', '--key', 'K'),
    operator.fail([['create', '--name', 'A'], 3, 'already']),
  ]);
  const changed = await operator.succeed(partner, 'disable', '--partner', 'A');
  const all = [...changed.clients, ...changed.api_keys];
  operator.require(all.length === 3 && all.every(({ disabled }) => disabled), 'A is not disabled.');
  await operator.token('for the client of a disabled partner', third, '400 unauthorized_client');
  // The API can trust the first key for another 60 seconds, so this uses the new one.
  await operator.tickets('with a disabled key', token, api_keys[0] as Credential, 401);
}

/** Runs command lines that must fail. */
async function checkWrongUses(operator: Operator): Promise<void> {
  for (const wrong of wrongUses) {
    await operator.fail(wrong);
  }
}

/** Runs `list` through npm. It must show every partner and no hash. */
async function checkList(operator: Operator, environment: LocalServer['environment']) {
  const { stdout } = await operator.run(['list', '--json'], environment, [
    'npm',
    ...['run', '-s', 'partner', '--'],
  ]);
  const { partners } = list.parse(JSON.parse(stdout));
  operator.require(
    partners.length === demoPartners.length + 1,
    `list shows ${partners.length} partners.`,
  );
  operator.require(!/[0-9a-f]{64}/i.test(stdout), 'list shows a hash.');
}

/**
 * Runs `npm run partner` like an operator, and checks through the API that each command took effect.
 *
 * @returns one sentence for each fault; empty if the check passes.
 */
export async function checkPartner(server: LocalServer): Promise<string[]> {
  const operator = new Operator(server);
  await Promise.all([checkCommands(operator), checkWrongUses(operator)]);
  const empty = { DEV_STATE: join(server.environment.DEV_STATE ?? '', 'empty') };
  await Promise.all([
    checkList(operator, server.environment),
    operator.fail([['list'], 1, 'npm run dev'], empty),
  ]);
  return operator.faults;
}
