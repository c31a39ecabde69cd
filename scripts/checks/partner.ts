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
const failure = z.object({ error: z.string().optional() });
const list = z.object({ partners: z.array(partner) });
type Credential = z.output<typeof credential>;

/** A command line that is wrong, with the exit code and a part of the reason that it must give. */
type Wrong = readonly [args: readonly string[], code: number, reason: string];

const NOBODY = '00000000-0000-4000-8000-000000000000';

const wrongUses: readonly Wrong[] = [
  [[], 2, 'create, list, disable, enable, delete, rotate'],
  [['destroy', '--partner', 'A'], 2, 'create, list, disable, enable, delete, rotate'],
  [['create', '--nmae', 'A'], 2, '--name'],
  [['create', '--name'], 2, '--name'],
  [['create', '--partner', 'A', '--client', 'C', '--key', 'K'], 2, '--key'],
  [['create', '--name', 'A', '--scopes', 'everything'], 2, '--scopes'],
  [['disable'], 2, '--partner'],
  [['rotate', '--client', 'A'], 2, '--client'],
  [['rotate', '--client', NOBODY, '--overlap', '2592001'], 2, '--overlap'],
];

/** The real command line on a server's database; `faults` is what was wrong so far, a sentence each. */
class Operator {
  readonly faults: string[] = [];
  readonly #server: LocalServer;

  constructor(server: LocalServer) {
    this.#server = server;
  }

  hold(isTrue: boolean, fault: string): void {
    if (!isTrue) {
      this.faults.push(fault);
    }
  }

  /** @param start what begins the command line; npm costs half a second, so it is left out. */
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

  /** Runs a command that must be done. Gives its one JSON value. */
  async done<S extends z.ZodType>(schema: S, ...args: readonly string[]): Promise<z.output<S>> {
    const { code, stdout, stderr } = await this.run([...args, '--json']);
    if (code !== 0) {
      throw new Error(`partner ${args.join(' ')} ended with ${code}: ${stderr}`);
    }
    return schema.parse(JSON.parse(stdout));
  }

  /** Runs a command that must end with a code and a reason, on stderr and as the one JSON value. */
  async refused(
    [args, code, reason]: Wrong,
    environment: LocalServer['environment'] = this.#server.environment,
  ): Promise<void> {
    const end = await this.run([...args, '--json'], environment);
    const { error = '' } = failure.parse(JSON.parse(end.stdout));
    this.hold(
      end.code === code && end.stderr.includes(reason) && error.includes(reason),
      `partner ${args.join(' ')} ended with ${end.code}, not with ${code} and "${reason}" twice:\n${end.stderr}`,
    );
  }

  /** Asks for a token, which must be answered with a status and, with a 400 or 401, a code. */
  async token(what: string, { id, client_secret = '' }: Credential, expected: string) {
    const form = { grant_type: 'client_credentials', client_id: id, client_secret };
    const response = await fetch(`${this.#server.origin}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    const answer = (await response.json()) as { access_token?: string; error?: string };
    const got = [response.status, answer.error].filter(Boolean).join(' ');
    this.hold(got === expected, `A token ${what} was answered with ${got}, not with ${expected}.`);
    return answer.access_token ?? '';
  }

  /** Lists tickets, which must be answered with a status. */
  async tickets(what: string, token: string, { api_key = '' }: Credential, expected: number) {
    const { status } = await fetch(`${this.#server.origin}/v2/tickets/prepared-tickets?limit=1`, {
      headers: { authorization: `Bearer ${token}`, 'x-api-key': api_key },
    });
    this.hold(status === expected, `Tickets ${what}: ${status} instead of ${expected}.`);
  }
}

/** What is printed for people, as what is given to programs. */
function printed(text: string): { client: Credential; key: Credential } {
  const shown = (label: string) => new RegExp(`${label}: +(\\S+)$`, 'm').exec(text)?.[1] ?? '';
  return {
    client: { id: shown('client_id'), client_secret: shown('client_secret'), disabled: false },
    key: { id: shown('id'), api_key: shown('api_key'), disabled: false },
  };
}

/** A partner is made, its client rotated, disabled and enabled, and at last the partner disabled. */
async function holdChanges(operator: Operator): Promise<void> {
  const created = await operator.run(['create', '--name', 'A']);
  operator.hold(created.code === 0, `partner create --name A failed: ${created.stderr}`);
  const { client: first, key } = printed(created.stdout);
  const token = await operator.token('for a new client', first, '200');
  await operator.tickets('with a new key', token, key, 200);

  const rotate = async (overlap: string) => {
    const args = ['rotate', '--client', first.id, '--overlap', overlap];
    return (await operator.done(partner, ...args)).clients[0] as Credential;
  };
  const second = await rotate('60');
  await operator.token('with the old secret, within its overlap', first, '200');
  await operator.token('with the new secret', second, '200');
  const third = await rotate('0');
  await operator.token('with a secret that was rotated away', second, '401 invalid_client');
  await operator.token('with a secret whose overlap was cut', first, '401 invalid_client');

  await operator.done(partner, 'disable', '--client', first.id);
  await operator.token('for a disabled client', third, '400 unauthorized_client');
  await operator.done(partner, 'enable', '--client', first.id);
  await operator.token('for an enabled client', third, '200');

  // At once, for they wait for each other.
  const [{ api_keys }] = await Promise.all([
    operator.done(partner, 'create', '--partner', 'A', '--key', 'K'),
    operator.refused([['create', '--name', 'A'], 3, 'already']),
  ]);
  const changed = await operator.done(partner, 'disable', '--partner', 'A');
  const all = [...changed.clients, ...changed.api_keys];
  operator.hold(all.length === 3 && all.every(({ disabled }) => disabled), 'A is not disabled.');
  await operator.token('for the client of a disabled partner', third, '400 unauthorized_client');
  // Not the first key, which the API may remember for a minute.
  await operator.tickets('with a disabled key', token, api_keys[0] as Credential, 401);
}

async function holdRefusals(operator: Operator): Promise<void> {
  for (const wrong of wrongUses) {
    await operator.refused(wrong);
  }
}

/** A list by way of npm, which holds no hash. */
async function holdList(operator: Operator, environment: LocalServer['environment']) {
  const { stdout } = await operator.run(['list', '--json'], environment, [
    'npm',
    ...['run', '-s', 'partner', '--'],
  ]);
  const { partners } = list.parse(JSON.parse(stdout));
  operator.hold(
    partners.length === demoPartners.length + 1,
    `list shows ${partners.length} partners.`,
  );
  operator.hold(!/[0-9a-f]{64}/i.test(stdout), 'list shows a hash.');
}

/**
 * Runs `npm run partner` as an operator does, and asks the API whether it took effect.
 *
 * @returns what is wrong, a sentence each.
 */
export async function checkPartner(server: LocalServer): Promise<string[]> {
  const operator = new Operator(server);
  await Promise.all([holdChanges(operator), holdRefusals(operator)]);
  const empty = { DEV_STATE: join(server.environment.DEV_STATE ?? '', 'empty') };
  await Promise.all([
    holdList(operator, server.environment),
    operator.refused([['list'], 1, 'npm run dev'], empty),
  ]);
  return operator.faults;
}
