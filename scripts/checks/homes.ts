import { join } from 'node:path';
import { z } from 'zod';
import { type LocalDatabase, migrateLocalDatabase } from '../dev/local-database.ts';
import { configuredHomes } from '../homes/configured-homes.ts';
import { copyTree, withFolder } from '../process/folder.ts';
import { type Runtime, type RuntimeDatabase, withRuntime } from '../runtime/runtime.ts';
import { API } from '../runtime/world.ts';
import { addHomes, EU, settingOf } from './homes/other-homes.ts';
import { checkWranglers } from './homes/wranglers.ts';
import { type Credential, Operator, partner } from './partner/operator.ts';

/** The name of an isolate that is first used when a binding leads to another database. */
const LATER = 'later';
const DENIED = 'victim.example';

const created = partner.extend({ id: z.int(), home: z.string() });

/** A partner with what its programs send. */
interface Caller {
  readonly client: Credential;
  readonly key: Credential;
  readonly token: string;
}

/** The state of the check. */
interface Scene {
  readonly runtime: Runtime;
  readonly folder: string;
  /** Runs commands in the copy of this tree, and sends requests to an isolate that knows both homes. */
  readonly operator: Operator;
  readonly environment: Readonly<Record<string, string>>;
}

/** Executes statements in a database, one after the other. */
async function run(database: RuntimeDatabase, ...statements: readonly string[]): Promise<void> {
  for (const statement of statements) {
    await database.prepare(statement).run();
  }
}

/** Runs a script of the operator in the copy of this tree. It must end with a code and print some parts. */
async function runScript(
  { operator, environment }: Scene,
  [script, ...args]: readonly [string, ...string[]],
  expected: { readonly code: number; readonly parts: readonly string[]; readonly not?: string },
): Promise<void> {
  const program = `scripts/operate/${script}.ts`;
  const { code, stdout, stderr } = await operator.run(args, environment, program);
  const output = stdout + stderr;
  const isRight =
    code === expected.code &&
    expected.parts.every((part) => output.includes(part)) &&
    (expected.not === undefined || !output.includes(expected.not));
  operator.require(isRight, `${script} ${args.join(' ')} ended with ${code}:\n${output}`);
}

/** Creates a partner in each home, a ticket with each, and crosses their credentials. */
async function checkPartners({ operator }: Scene): Promise<Record<'main' | 'eu', Caller>> {
  const [inMain, inEu] = await Promise.all([
    operator.succeed(created, 'create', '--name', 'Main'),
    operator.succeed(created, 'create', '--name', 'Europe', '--home', EU.name),
  ]);
  operator.require(inMain.id === 1 && inMain.home === 'main', `Main has the id ${inMain.id}.`);
  operator.require(inEu.id === 1_000_001 && inEu.home === EU.name, `Europe has the id ${inEu.id}.`);
  const callers = await Promise.all(
    [inMain, inEu].map(async ({ clients, api_keys }): Promise<Caller> => {
      const [client, key] = [...clients, ...api_keys] as [Credential, Credential];
      return { client, key, token: await operator.token('in its home', client, '200') };
    }),
  );
  const [main, eu] = callers as [Caller, Caller];
  operator.require(
    eu.client.client_secret?.startsWith(`pts_${EU.name}_`) === true,
    'The client secret of Europe does not name its home.',
  );
  await operator.create('in main', main.token, main.key, 201);
  await operator.create('in eu', eu.token, eu.key, 201);
  await operator.create('with a token of main and a key of eu', main.token, eu.key, 401);
  await operator.create('with a token of eu and a key of main', eu.token, main.key, 401);
  return { main, eu };
}

/** Makes the events of both homes old, and removes those of one. The newest one of each partner stays. */
async function checkRemoval(scene: Scene): Promise<void> {
  const { operator, runtime } = scene;
  const databases = [runtime.database, await runtime.databaseOf(EU.binding)] as const;
  const eventsOf = async () => {
    const count = 'SELECT count(*) AS n, count(DISTINCT partner_id) AS partners FROM events';
    return Promise.all(
      databases.map((one) => one.prepare(count).first<{ n: number; partners: number }>()),
    );
  };
  await Promise.all(databases.map((one) => run(one, 'UPDATE events SET created_at = 0')));
  const [main, eu] = await eventsOf();
  const [n = 0, partners = 0] = [eu?.n, eu?.partners];
  const parts = [`Removed ${n - partners} events older than 14 days from the home eu.`];
  await runScript(scene, ['homes', 'remove-events', EU.name], { code: 0, parts });
  const after = await eventsOf();
  const isRight = after[0]?.n === main?.n && after[1]?.n === partners && n > partners + 1;
  operator.require(isRight, `Of ${n} events in eu, these are left: ${JSON.stringify(after)}.`);
}

/** Runs the commands that find their home, and those that concern every home. */
async function checkCommands(scene: Scene, eu: Caller): Promise<void> {
  const { operator, runtime } = scene;
  const [{ clients }] = await Promise.all([
    operator.succeed(partner, 'rotate', '--client', eu.client.id, '--overlap', '0'),
    operator.fail([['create', '--name', 'Europe'], 3, 'in the home eu']),
    operator.succeed(z.object({ host: z.literal(DENIED) }), 'hosts', 'deny', DENIED),
  ]);
  await operator.token('with a rotated secret', clients[0] as Credential, '200');
  await operator.token('with a secret that was rotated away', eu.client, '401 invalid_client');

  const twice = (id: number) =>
    `INSERT INTO partners (id, name, created_at) VALUES (${id}, 'Twice', 0)`;
  await run(runtime.database, twice(2));
  await run(await runtime.databaseOf(EU.binding), twice(1_000_002));
  const denied = 'denied hosts:  1';
  const ready = 'state:         ready';
  await Promise.all([
    operator.succeed(partner, 'disable', '--partner', 'Europe'),
    operator.fail([['disable', '--partner', 'Twice'], 3, 'main, eu']),
    runScript(scene, ['homes'], {
      code: 0,
      parts: [
        `main, number 0, binding DB\n  ${ready}`,
        `eu, number 1, binding`,
        `  ${ready}`,
        denied,
      ],
      not: 'denied hosts:  0',
    }),
  ]);
  const disabled = '400 unauthorized_client';
  await operator.token('of a disabled partner', clients[0] as Credential, disabled);
  await checkRemoval(scene);
}

/** Gives the database of eu the row of another home, as if its binding led there. Its partners get 503, others do not. */
async function checkWrongHome(scene: Scene, { main, eu }: Record<'main' | 'eu', Caller>) {
  const { operator, runtime, environment } = scene;
  await run(await runtime.databaseOf(EU.binding), "UPDATE home SET name = 'us', number = 2");
  const origin = await runtime.origin(LATER);
  const later = new Operator({ origin, environment });
  await Promise.all([
    runScript(scene, ['deploy', '--rehearse'], {
      code: 1,
      parts: ['The home eu is not ready', 'us, number 2', 'nothing was uploaded'],
      not: 'Total Upload',
    }),
    runScript(scene, ['homes', 'claim', EU.name], { code: 1, parts: ['us, number 2'] }),
    operator.fail([['disable', '--partner', 'Europe'], 1, 'In the home eu']),
    later.create('in main beside a wrong home', main.token, main.key, 201),
    later.create('in a wrong home', eu.token, eu.key, 503),
  ]);
  const response = await fetch(`${origin}/health/ready`);
  const { status } = (await response.json()) as { status: unknown };
  operator.require(
    response.status === 200 && status === 'warn',
    `/health/ready returned ${response.status} with ${JSON.stringify(status)} beside a wrong home.`,
  );
  operator.faults.push(...later.faults);
}

/** Lets npm consume an option of each script, as it does without `--`. The script must not act without the option. */
async function checkConsumedOptions(scene: Scene): Promise<void> {
  const consumed = [
    ['deploy', 'rehearse'],
    ['deploy', 'dry_run'],
    ['homes', 'remote'],
    ['homes', 'days'],
    ['counts-check', 'remote'],
    ['counts-check', 'repair'],
  ] as const;
  for (const [script, option] of consumed) {
    const environment = { ...scene.environment, [`npm_config_${option}`]: 'true' };
    const parts = ['npm consumed the option'];
    await runScript({ ...scene, environment }, [script], { code: 1, parts });
  }
}

async function check(scene: Scene, claimed: Promise<void>): Promise<void> {
  await Promise.all([
    migrateLocalDatabase(scene.runtime.database as RuntimeDatabase & LocalDatabase),
    claimed,
  ]);
  const callers = await checkPartners(scene);
  await checkCommands(scene, callers.eu);
  await checkConsumedOptions(scene);
  await checkWrongHome(scene, callers);
}

/**
 * Serves the deployed bundle with two homes, and runs the commands of the operator on their local databases, in a copy
 * of this tree whose wrangler.toml has the second home.
 *
 * @returns one sentence for each fault; empty if the check passes.
 */
export function checkHomes(): Promise<string[]> {
  return withFolder(async (state) => {
    const folder = join(state, 'tree');
    copyTree(folder);
    addHomes(folder, [EU]);
    const environment = { DEV_STATE: state };
    const [main] = configuredHomes();
    const storage = {
      databases: { [main.binding]: main.localId, [EU.binding]: EU.databaseId },
      folder: join(state, 'wrangler', 'v3'),
    };
    const entry = 'src/index.ts';
    const workers = [API, LATER].map((name) => ({ name, entry }));
    return withRuntime(
      workers,
      { HOMES: settingOf([EU]) },
      async (runtime) => {
        const operator = new Operator({ origin: await runtime.origin(API), environment }, folder);
        const scene = { runtime, folder, operator, environment };
        const parts = ['is now that of the home eu'];
        const claimed = runScript(scene, ['homes', 'claim', EU.name], { code: 0, parts });
        // The faults that came before an error say more about its cause.
        await check(scene, claimed).catch(({ message }: Error) => operator.faults.push(message));
        return [...operator.faults, ...(await checkWranglers())];
      },
      undefined,
      storage,
    );
  });
}
