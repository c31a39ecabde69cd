import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import type { HomeDatabase } from '../../../scripts/partner/context.ts';
import { plain } from '../../../scripts/partner/print.ts';
import type { CredentialView, PartnerView } from '../../../scripts/partner/view.ts';
import { type Home, IDS_PER_HOME } from '../../../src/homes.ts';
import { START } from '../../support/api.ts';
import { nameDatabase, useEu } from '../../support/homes.ts';
import * as command from '../../support/partner-command.ts';
import { tables } from '../../support/tables.ts';

/** With two homes, the tests bind the database of `main` under another name. */
const mainDatabase = (env as { DB_MAIN?: D1Database }).DB_MAIN ?? env.DB;
const EU: Home = { ...command.MAIN, name: 'eu', number: 1, binding: 'DB_EU' };
const main = command.homeDatabase(command.MAIN, mainDatabase);
const eu = command.homeDatabase(EU, env.DB_EU);
/** A home whose binding leads to the database of another one. */
const wrong = command.homeDatabase({ ...EU, name: 'us', number: 2 }, env.DB_EU);

let homes: [HomeDatabase, ...HomeDatabase[]];

const run = (...args: string[]) => command.runPartner(args, START, homes);
const partnerAfter = (...args: string[]) => command.partnerAfter(args, START, homes);
const failureOf = (...args: string[]) => command.failureOf(args, START, homes);

useEu();

beforeEach(async () => {
  homes = [main, eu];
  await nameDatabase(mainDatabase);
  await nameDatabase(env.DB_EU, EU);
});

/** Returns all rows of a database. */
async function rowsOf(database: D1Database) {
  const all = tables.map(({ name }) => database.prepare(`SELECT * FROM ${name} ORDER BY 1, 2`));
  return (await database.batch(all)).map(({ results }) => results);
}

const everything = async () => [await rowsOf(mainDatabase), await rowsOf(env.DB_EU)];

/** Inserts a partner by hand. */
const insert = (database: D1Database, id: number, name: string) =>
  database
    .prepare(`INSERT INTO partners (id, name, created_at) VALUES (?, ?, 0)`)
    .bind(id, name)
    .run();

/** Returns a home whose calls are counted. */
function counted(db: HomeDatabase): { readonly db: HomeDatabase; calls: number } {
  const count = { calls: 0, db };
  const counting =
    (call: HomeDatabase['read']): HomeDatabase['read'] =>
    (statements) => {
      count.calls += 1;
      return call(statements);
    };
  count.db = { ...db, read: counting(db.read), write: counting(db.write) };
  return count;
}

const credentialsOf = ({ clients, api_keys }: PartnerView) =>
  [...clients, ...api_keys] as [CredentialView, CredentialView];

describe('create --home', () => {
  test('creates the partner in that home only, with an id of its range and a secret with its name', async () => {
    const before = await rowsOf(mainDatabase);
    const first = await partnerAfter('create', '--name', 'A', '--home', 'eu');
    const second = await partnerAfter('create', '--name', 'B', '--home', 'eu');
    expect([first, second]).toMatchObject([
      { id: 1_000_001, home: 'eu' },
      { id: 1_000_002, home: 'eu' },
    ]);
    expect(credentialsOf(first)[0].client_secret).toMatch(/^pts_eu_/);
    expect(await rowsOf(mainDatabase)).toEqual(before);
  });

  test('is main by default, whose ids and secrets are as ever', async () => {
    const before = await rowsOf(env.DB_EU);
    const made = await partnerAfter('create', '--name', 'A');
    expect(made).toMatchObject({ id: 1, home: 'main' });
    expect(credentialsOf(made)[0].client_secret).toMatch(/^pts_[0-9A-Za-z]{49}$/);
    expect(await rowsOf(env.DB_EU)).toEqual(before);
  });

  test('takes the next id after the greatest of the range, whatever other ids the database holds', async () => {
    await insert(mainDatabase, 41, 'Old');
    await insert(mainDatabase, 3_000_007, 'From elsewhere');
    expect(await partnerAfter('create', '--name', 'A')).toMatchObject({ id: 42 });
  });

  test('creates nothing when the ids of the range are used up', async () => {
    await insert(env.DB_EU, 2 * IDS_PER_HOME - 1, 'Last');
    const before = await everything();
    const failure = await failureOf('create', '--name', 'A', '--home', 'eu');
    expect(failure).toMatchObject({ exitCode: 3 });
    expect(failure.message).toContain('eu has used up its ids');
    expect(await everything()).toEqual(before);
  });

  test('refuses a name that a partner has in another home, and says in which one', async () => {
    await run('create', '--name', 'A', '--home', 'eu');
    await run('create', '--name', 'B');
    const before = await everything();
    for (const [args, where] of [
      [['create', '--name', 'A'], 'in the home eu'],
      [['create', '--name', 'B', '--home', 'eu'], 'in the home main'],
      [['create', '--name', 'A', '--home', 'eu'], 'already exists'],
    ] as const) {
      const failure = await failureOf(...args);
      expect(failure).toMatchObject({ name: 'NotPossible', exitCode: 3 });
      expect(failure.message).toContain(where);
    }
    expect(await everything()).toEqual(before);
  });

  test('goes on if another home does not answer, and says that its names were not compared', async () => {
    homes = [main, wrong];
    const outcome = await run('create', '--name', 'A');
    expect(outcome.partners).toMatchObject([{ id: 1 }]);
    expect(outcome.heading).toMatch(/not looked for in the homes that do not answer.* us/);
  });

  test('fails with exit code 2 for a home that wrangler.toml does not name', async () => {
    const before = await everything();
    const failure = await failureOf('create', '--name', 'A', '--home', 'SECRET');
    expect(failure).toMatchObject({ name: 'WrongUse', exitCode: 2 });
    expect(failure.message).toContain('main, eu');
    expect(failure.message).not.toContain('SECRET');
    expect(await everything()).toEqual(before);
  });

  test('cannot be combined with --partner', async () => {
    const failure = await failureOf('create', '--partner', 'A', '--key', 'K', '--home', 'eu');
    expect(failure).toMatchObject({ name: 'WrongUse', exitCode: 2 });
    expect(failure.message).toContain('--home');
  });
});

/** Creates an endpoint of a partner of eu. Returns its id. */
async function endpointOf(partnerId: number): Promise<string> {
  const id = crypto.randomUUID();
  await env.DB_EU.prepare(
    `INSERT INTO webhook_endpoints (id, partner_id, created_at, url, description, secret, position)
      VALUES (?, ?, 0, 'https://hooks.garage.example/', '', 'sealed', 0)`,
  )
    .bind(id, partnerId)
    .run();
  return id;
}

describe('every other command', () => {
  let made: PartnerView;
  let endpoint: string;

  beforeEach(async () => {
    await run('create', '--name', 'In main');
    made = await partnerAfter('create', '--name', 'A', '--home', 'eu');
    endpoint = await endpointOf(made.id);
  });

  /** The command lines that select something of the partner of eu, by a name or a UUID. */
  const commands: readonly [name: string, args: () => string[]][] = [
    ['create --client', () => ['create', '--partner', 'A', '--client', 'C']],
    ['create --key', () => ['create', '--partner', 'A', '--key', 'K']],
    ['quota', () => ['quota', '--partner', 'A', '--tickets', '1']],
    ['disable --partner', () => ['disable', '--partner', 'A']],
    ['disable --client', () => ['disable', '--client', credentialsOf(made)[0].id]],
    ['disable --key', () => ['disable', '--key', credentialsOf(made)[1].id]],
    ['rotate --client', () => ['rotate', '--client', credentialsOf(made)[0].id]],
    ['rotate --key', () => ['rotate', '--key', credentialsOf(made)[1].id]],
    ['delete --client', () => ['delete', '--client', credentialsOf(made)[0].id]],
    ['delete --key', () => ['delete', '--key', credentialsOf(made)[1].id]],
    ['endpoints disable', () => ['endpoints', 'disable', '--endpoint', endpoint]],
    ['endpoints delete', () => ['endpoints', 'delete', '--partner', 'A']],
  ];

  test.each(commands)(
    '%s finds its home with one query each and writes only there',
    async (_, args) => {
      const [ofMain, ofEu] = [counted(main), counted(eu)];
      homes = [ofMain.db, ofEu.db];
      const [before, other] = [await rowsOf(mainDatabase), await rowsOf(env.DB_EU)];
      const { heading } = await run(...args());
      expect(heading).toContain('the home eu');
      expect(await rowsOf(mainDatabase)).toEqual(before);
      expect(await rowsOf(env.DB_EU)).not.toEqual(other);
      expect([ofMain.calls, ofEu.calls]).toEqual([1, 2]);
    },
  );

  test.each(commands)('%s goes on if a home without it does not answer', async (_, args) => {
    homes = [wrong, eu];
    const other = await rowsOf(env.DB_EU);
    await run(...args());
    expect(await rowsOf(env.DB_EU)).not.toEqual(other);
  });

  test.each(commands)(
    '%s names the home that does not answer if no other one has it, and changes nothing',
    async (_, args) => {
      homes = [main, wrong];
      const before = await everything();
      const failure = await failureOf(...args());
      expect(failure).toMatchObject({ name: 'DatabaseFailed', exitCode: 1 });
      expect(failure.message).toMatch(/In the home us: .*wrong-home[\s\S]*Nothing was changed\.$/);
      expect(await everything()).toEqual(before);
    },
  );

  test.each(
    commands.filter(([name]) => !/client|key|endpoint/.test(name.replace(/^create.*/, ''))),
  )('%s changes nothing if two homes have the name', async (_, args) => {
    await insert(mainDatabase, 7, 'A');
    const before = await everything();
    const failure = await failureOf(...args());
    expect(failure).toMatchObject({ name: 'NotPossible', exitCode: 3 });
    expect(failure.message).toContain('main, eu');
    expect(await everything()).toEqual(before);
  });

  test('says that nothing has the name or the id when every home answers', async () => {
    const before = await everything();
    for (const args of [
      ['disable', '--partner', 'No'],
      ['rotate', '--client', crypto.randomUUID()],
      ['endpoints', 'enable', '--endpoint', crypto.randomUUID()],
      ['create', '--partner', 'No', '--key', 'K'],
      ['list', '--partner', 'No'],
    ]) {
      const failure = await failureOf(...args);
      expect(failure).toMatchObject({ name: 'NotPossible', exitCode: 3 });
      expect(failure.message).toMatch(/^There is no /);
    }
    expect(await everything()).toEqual(before);
  });

  test('a rotated client secret has the form of its home', async () => {
    const { clients } = await partnerAfter('rotate', '--client', credentialsOf(made)[0].id);
    expect(clients[0]?.client_secret).toMatch(/^pts_eu_[0-9A-Za-z]{49}$/);
  });
});

describe('list', () => {
  beforeEach(async () => {
    await run('create', '--name', 'A', '--home', 'eu');
    await run('create', '--name', 'B');
  });

  test('shows the partners of all homes, or one, with the home of each', async () => {
    const all = await run('list');
    expect(all.json).toMatchObject({
      partners: [
        { name: 'B', home: 'main', clients: [{}], api_keys: [{}] },
        { name: 'A', home: 'eu', clients: [{}], api_keys: [{}] },
      ],
      unreachable_homes: [],
    });
    expect(plain(all)).toContain('Partner "A" in the home eu, id 1000001');
    expect((await run('list', '--partner', 'A')).partners).toMatchObject([{ name: 'A' }]);
  });

  test('says which homes do not answer', async () => {
    homes = [main, wrong];
    const outcome = await run('list');
    expect(outcome.json).toMatchObject({ partners: [{ name: 'B' }], unreachable_homes: ['us'] });
    expect(plain(outcome)).toMatch(
      /This list lacks the homes that do not answer\. In the home us: /,
    );
  });

  test('fails if no home answers', async () => {
    homes = [wrong, wrong];
    expect(await failureOf('list')).toMatchObject({ name: 'DatabaseFailed', exitCode: 1 });
  });

  test('endpoints list shows those of all homes, and says which homes do not answer', async () => {
    const id = await endpointOf(1_000_001);
    expect((await run('endpoints', 'list')).json).toMatchObject({
      endpoints: [{ id, partner: 'A' }],
    });
    expect((await run('endpoints', 'list', '--endpoint', id)).endpoints).toMatchObject([{ id }]);
    homes = [main, wrong];
    const outcome = await run('endpoints', 'list');
    expect(outcome.json).toEqual({ endpoints: [], unreachable_homes: ['us'] });
  });
});

describe('hosts', () => {
  const denied = async () =>
    await Promise.all(
      [mainDatabase, env.DB_EU].map(async (database) => {
        const { results } = await database.prepare('SELECT host FROM denied_hosts').all();
        return results.map(({ host }) => host);
      }),
    );

  test('deny and allow change every home', async () => {
    const { id } = await partnerAfter('create', '--name', 'A', '--home', 'eu');
    await endpointOf(id);
    const outcome = await run('hosts', 'deny', 'garage.example');
    expect(outcome.json).toMatchObject({
      ...{ host: 'garage.example', homes: ['main', 'eu'] },
      concerned: [{ partner: 'A', endpoints: 1 }],
    });
    expect(await denied()).toEqual([['garage.example'], ['garage.example']]);
    await run('hosts', 'allow', 'garage.example');
    expect(await denied()).toEqual([[], []]);
  });

  test.each(['deny', 'allow'])(
    '%s fails and names a home that does not answer, and those that have the change',
    async (name) => {
      homes = [main, wrong];
      const failure = await failureOf('hosts', name, 'garage.example');
      expect(failure).toMatchObject({ name: 'DatabaseFailed', exitCode: 1 });
      expect(failure.message).toMatch(/In the home us: [\s\S]*These homes have the change: main\./);
      expect(await denied()).toEqual([name === 'deny' ? ['garage.example'] : [], []]);
    },
  );

  test('list shows in which homes a host is denied, and says if they differ', async () => {
    await run('hosts', 'deny', 'b.example');
    expect(plain(await run('hosts', 'list'))).not.toContain('Deny a host again');
    await mainDatabase.prepare('DELETE FROM denied_hosts').run();
    const outcome = await run('hosts', 'list');
    expect(outcome.json).toMatchObject({ hosts: [{ host: 'b.example', homes: ['eu'] }] });
    expect(plain(outcome)).toContain('Deny a host again');
    expect(plain(outcome)).toMatch(/b\.example, since .*, in eu$/);
  });
});
