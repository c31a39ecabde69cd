import { z } from 'zod';
import type { LocalServer } from '../../dev/local-server.ts';
import { type Finished, run } from '../../process/command.ts';

const credential = z.object({
  id: z.string(),
  client_secret: z.string().optional(),
  api_key: z.string().optional(),
  disabled: z.boolean(),
});
/** What the checks read of a partner that a command prints. */
export const partner = z.object({ clients: z.array(credential), api_keys: z.array(credential) });
const failure = z.object({ error: z.string().optional() });
export type Credential = z.output<typeof credential>;

/** A command line that must fail, with the expected exit code and a part of the expected message. */
export type FailingCommand = readonly [args: readonly string[], code: number, reason: string];

/** An id that nothing has. */
export const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

const TICKETS = '/v2/tickets/prepared-tickets';

/** Runs the real command line on the database of a server. Collects one sentence for each fault. */
export class Operator {
  readonly faults: string[] = [];
  readonly #server: LocalServer;
  readonly #folder: string;

  /** @param folder the folder of the project, whose wrangler.toml names the databases. */
  constructor(server: LocalServer, folder = '.') {
    this.#server = server;
    this.#folder = folder;
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
   * @param script the program. The default is without npm, which takes half a second.
   */
  run(
    args: readonly string[],
    environment = this.#server.environment,
    script = 'scripts/partner/partner.ts',
  ): Promise<Finished> {
    return run(process.execPath, [script, ...args], { cwd: this.#folder, environment });
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
    environment?: LocalServer['environment'],
  ): Promise<void> {
    const end = await this.run([...args, '--json'], environment);
    const { error = '' } = failure.parse(JSON.parse(end.stdout));
    this.require(
      end.code === code && end.stderr.includes(reason) && error.includes(reason),
      `partner ${args.join(' ')} ended with ${end.code} instead of ${code} and "${reason}" on both outputs:\n${end.stderr}`,
    );
  }

  /** Requests an access token. The response must have a status and, for a 400 or 401, an error code. */
  async token(
    what: string,
    { id, client_secret = '' }: Credential,
    expected: string,
    scope: { readonly scope?: string } = {},
  ) {
    const form = { grant_type: 'client_credentials', client_id: id, client_secret, ...scope };
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
    return this.send(`Listing tickets ${what}`, token, key, expected, TICKETS);
  }

  /** Creates a ticket. The response must have a status. */
  create(what: string, token: string, key: Credential, expected: number) {
    return this.send(`Creating a ticket ${what}`, token, key, expected, TICKETS, 'POST', {
      customer_id: UNKNOWN_ID,
      vehicle_model_id: 0,
      vin: null,
      preparer_external_reference: '',
    });
  }

  /** Sends a request. The response must have a status. Returns its body. */
  async send(
    what: string,
    token: string,
    { api_key = '' }: Credential,
    expected: number,
    path: string,
    method = 'GET',
    body?: object,
  ): Promise<unknown> {
    const response = await fetch(`${this.#server.origin}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      headers: {
        authorization: `Bearer ${token}`,
        'x-api-key': api_key,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
    });
    const { status } = response;
    this.require(status === expected, `${what} returned ${status} instead of ${expected}.`);
    return response.json().catch(() => undefined);
  }
}
