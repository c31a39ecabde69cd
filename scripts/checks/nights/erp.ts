import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { DemoAccess } from '../../dev/demo-access.ts';
import { type Finished, Running, start } from '../../process/command.ts';
import { expected, filesOf, SHARED, shared } from './files.ts';
import { type ApiProxy, pass, type Treatment } from './proxy.ts';

export const SYNC_PROGRAM = 'sync_orders.py';
export const DROP_PROGRAM = 'delete_dropped_orders.py';
const PROGRAM_TIMEOUT_MS = 60_000;
export const TOKEN = 'POST /oauth2/token';
export const SYNC = 'POST /v2/tickets/prepared-ticket-syncs';
export const EXPORT = 'GET /v2/tickets/prepared-ticket-export';
/** What a program asks to compare an order with the ticket that was picked up. */
export const PICKED_UP_TICKET = [
  'GET /v2/tickets/tickets/<id>',
  'GET /v2/tickets/tickets/<id>/product-lines?limit=1000',
];

/** An ERP with a folder of its own for the programs, whose orders have references with a prefix of its own. */
export class Erp {
  readonly prefix = `${crypto.randomUUID()}/`;
  readonly files = filesOf(this.prefix);
  readonly faults: string[] = [];
  readonly #folder: string;
  readonly #access: DemoAccess;
  readonly proxy: ApiProxy;

  constructor(folder: string, access: DemoAccess, proxy: ApiProxy) {
    this.#folder = folder;
    this.#access = access;
    this.proxy = proxy;
    for (const name of ['tickets_api.py', SYNC_PROGRAM, DROP_PROGRAM]) {
      copyFileSync(join('docs/guides', name), join(folder, name));
    }
  }

  /** Lets a sync contain fewer orders and lines than it may. */
  limit(orders: number, lines: number): void {
    const path = join(this.#folder, SYNC_PROGRAM);
    const code = readFileSync(path, 'utf8');
    const limited = code
      .replace(/^MAX_ORDERS = .*$/m, `MAX_ORDERS = ${orders}`)
      .replace(/^MAX_LINES = .*$/m, `MAX_LINES = ${lines}`);
    writeFileSync(path, limited);
  }

  /** Starts a program with a file of orders. */
  #start(program: string, file: string): Running {
    writeFileSync(join(this.#folder, 'orders.csv'), file);
    const prefix = program === DROP_PROGRAM ? [this.prefix] : [];
    const environment = { ...this.#access.variables, API: this.proxy.origin };
    const options = { cwd: this.#folder, environment, timeout: PROGRAM_TIMEOUT_MS };
    return new Running(start('python3', [program, 'orders.csv', ...prefix], options));
  }

  /** Runs a program. @returns how it ended, and the requests that it sent. */
  async run(program: string, file: string): Promise<Finished & { asked: string[] }> {
    this.proxy.received.length = 0;
    const end = await this.#start(program, file).end;
    const asked = this.proxy.received.map(({ asked }) => asked.replace(/[0-9a-f-]{36}/, '<id>'));
    return { ...end, asked };
  }

  /** Runs a program. Adds a fault if it ends with another exit code, or prints or asks something else. */
  async expect(program: string, file: string, code: number, report: string, asked: string[]) {
    const end = await this.run(program, file);
    const stdout = end.stdout.replaceAll(this.prefix, 'P/');
    if (end.code !== code || stdout !== report || !isDeepStrictEqual(end.asked, asked)) {
      const found = [`${program} ended with ${end.code}:`, stdout + end.stderr, ...end.asked];
      this.faults.push(found.join('\n'));
    }
  }

  /** Kills a program like `kill -9` at a random point of its requests, and runs it again. */
  async killAndRun(program: string, file: string, requests: number): Promise<void> {
    const running = this.#start(program, file);
    const kill = () => running.child.kill('SIGKILL');
    const moments: readonly Treatment[] = [
      kill,
      async (_response, forward) => {
        const sent = forward();
        kill();
        await sent;
      },
      async (_response, forward) => {
        await forward();
        kill();
      },
    ];
    const before = Math.floor(Math.random() * requests);
    const moment = Math.floor(Math.random() * moments.length);
    const treatments = [...Array<Treatment>(before).fill(pass), moments[moment] as Treatment];
    this.proxy.next.push(...treatments);
    const { code, stderr } = await running.end;
    this.proxy.next.length = 0;
    const point = `${program}, killed at request ${before} and moment ${moment}`;
    if (code !== null) {
      this.faults.push(`${point}, ended with ${code}.\n${stderr}`);
    }
    const again = await this.run(program, file);
    if (again.code !== 0 && again.code !== 2) {
      this.faults.push(`${point} and run again, ended with ${again.code}.\n${again.stderr}`);
    }
  }

  /** Lets the customer of an order pick its ticket up. */
  async pickUp(name: string): Promise<void> {
    const tickets = '/v2/tickets/prepared-tickets';
    const path = `${tickets}/by-reference/${encodeURIComponent(this.prefix + name)}`;
    const { request } = this.#access;
    const { id, customer_id } = await request<{ id: string; customer_id: string }>('GET', path);
    await request('POST', `${tickets}/${id}/pick-up`, { customer_id });
  }

  /** Creates two tickets with one reference, as another program would. */
  async shareReference(): Promise<void> {
    const preparer_external_reference = this.prefix + SHARED;
    const body = { ...shared, preparer_external_reference };
    await this.#access.request('POST', '/v2/tickets/prepared-tickets', body);
    await this.#access.request('POST', '/v2/tickets/prepared-tickets', body);
  }

  /** Returns the events of its tickets so far. */
  async events(): Promise<number> {
    let [count, after, isOver] = [0, '', false];
    while (!isOver) {
      const page = await this.#access.request<{
        result: { subject: { preparer_external_reference?: string | null } }[];
        next: string;
      }>('GET', `/v2/system/events?limit=1000${after}`);
      const own = page.result.filter(({ subject }) =>
        subject.preparer_external_reference?.startsWith(this.prefix),
      );
      count += own.length;
      after = `&after=${page.next}`;
      isOver = page.result.length === 0;
    }
    return count;
  }

  /** Adds a fault if other tickets exist than must exist after the last night. */
  async compare(): Promise<void> {
    const { origin, headers } = this.#access;
    const response = await fetch(`${origin}/v2/tickets/prepared-ticket-export`, { headers });
    const lines = (await response.text()).split('\n').filter(Boolean);
    const tickets = lines
      .map((line) => JSON.parse(line))
      .filter((ticket) => ticket.preparer_external_reference.startsWith(this.prefix))
      .map(({ id, created_at, ticket_number, preparer_external_reference, ...rest }) => {
        return [preparer_external_reference.slice(this.prefix.length), rest] as const;
      })
      .toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)));
    if (!isDeepStrictEqual(tickets, expected)) {
      this.faults.push(`These tickets exist after the last night: ${JSON.stringify(tickets)}`);
    }
  }
}
