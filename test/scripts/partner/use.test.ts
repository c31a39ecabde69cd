import { expect, test } from 'vitest';
import type { WrongUse } from '../../../scripts/partner/failure.ts';
import { scopes } from '../../../src/auth/scopes.ts';
import { START } from '../../support/api.ts';
import { failureOf, runPartner } from '../../support/partner-command.ts';

const ID = '3d1e5f6a-0b7c-4c8d-9e2f-1a2b3c4d5e6f';

/** Returns the arguments of a command line without quotes. */
const argumentsOf = (line: string) => line.split(' ').filter((word) => word !== '');

/** Wrong command lines, each with parts of what the command says. */
const wrong: [line: string, ...expected: string[]][] = [
  ['', 'command', 'create, list, quota, disable, enable, delete, rotate'],
  ['--json list', 'comes first'],
  ['destroy', 'create, list, quota, disable, enable, delete, rotate'],
  ['__proto__', 'create, list, quota, disable, enable, delete, rotate'],
  ['create', '--name', '--partner and --client', '--partner and --key'],
  ['create --nmae G', 'Unknown option. `create` takes --name'],
  ['create --overlap=1 --name=G', '--overlap', '--scopes'],
  ['create --name', '--name ', 'argument missing'],
  ['create --name --remote', '--name ', 'its value after it'],
  ['create --name G --name H', '--name ', 'only once'],
  ['create --name Garage Example', '`create` takes options only', 'quotes'],
  ['create Garage', '`create` takes options only', '`--`'],
  ['create -n G', "'-n'", '`create` takes --name'],
  ['list --json=yes', "Unknown option '--json'", '`list` takes --partner, --remote, --json'],
  ['create --name G --partner G', '--name ', 'cannot be used with', '--partner ', 'Leave out one'],
  ['create --name G --expires 2030-01-01T00:00:00Z', '--expires', '--name'],
  ['create --partner G', 'Add --client, or --key'],
  ['create --client C', 'Add --partner.'],
  ['create --partner G --client C --key K', '--key', '--client'],
  ['create --partner G --key K --scopes credentials:manage', '--scopes', '--key'],
  ['create --client C --key K', '--client ', 'cannot be used with', '--key '],
  ['disable', 'Add --partner, or --client, or --key'],
  [`enable --partner G --key ${ID}`, '--key', '--partner'],
  [`disable --client ${ID} --key ${ID}`, '--client', '--key'],
  ['endpoints', 'after `endpoints`', 'list, disable, enable, delete'],
  ['endpoints destroy', 'after `endpoints`', 'list, disable, enable, delete'],
  ['endpoints disable', 'Add --endpoint, or --partner if'],
  [
    `endpoints delete --client ${ID}`,
    "Unknown option '--client'",
    '`endpoints delete` takes --partner, --endpoint',
  ],
  [`endpoints enable ${ID}`, '`endpoints enable` takes options only', '`--`'],
  [`create --name G --endpoint ${ID}`, "Unknown option '--endpoint'"],
  ['hosts', 'after `hosts`', 'deny, allow, list'],
  ['hosts deny', 'required argument', 'host'],
  ['hosts deny a.example b.example', '`hosts deny` takes one host', '`--`'],
  ['rotate', 'Add --client, or --key'],
  ['rotate --partner G', "Unknown option '--partner'", '--client'],
  ['rotate --overlap 1', 'Add --client, or --key'],
  ['quota', 'Add --partner.'],
  ['quota --tickets 1', 'Add --partner.'],
  [`quota --client ${ID}`, "Unknown option '--client'", '--partner'],
];

test.each(wrong.map(([line, ...expected]) => [argumentsOf(line), expected] as const))(
  '%j fails with exit code 2 and says what is wrong',
  async (args, expected) => {
    const failure = await failureOf(args);
    expect(failure).toMatchObject({ name: 'WrongUse', exitCode: 2 });
    for (const part of expected) {
      expect(failure.message).toContain(part);
    }
  },
);

const add = ['create', '--partner', 'G', '--client', 'C'];

test.each<[args: string[], value: string]>([
  [['create', '--name'], ''],
  [['create', '--name'], ' Garage'],
  [['create', '--name'], 'Gar\u001bage'],
  [['create', '--name'], 'Gar\u202eage'],
  [['create', '--name'], 'Gar\u200bage'],
  [['create', '--name'], 'Gar\u2028age'],
  [['create', '--partner', 'G', '--client'], 'Gar\u2066age'],
  [['create', '--partner', 'G', '--key'], 'Gar\u3164age'],
  [['create', '--partner', 'G', '--key'], 'Gar\u200fage'],
  [['create', '--name'], 'x'.repeat(256)],
  [['create', '--partner', 'G', '--client'], ''],
  [['create', '--partner', 'G', '--client'], 'x\u0007y'],
  [['create', '--partner', 'G', '--key'], '🚗'.repeat(256)],
  [['create', '--name', 'G', '--scopes'], ''],
  [['create', '--name', 'G', '--scopes'], 'prepared-tickets:read,prepared-tickets:write'],
  [['create', '--name', 'G', '--scopes'], 'prepared-tickets:read toString'],
  [[...add, '--expires'], '2031-01-31'],
  [[...add, '--expires'], '2030-02-30T00:00:00Z'],
  [[...add, '--expires'], new Date(START).toISOString()],
  [['disable', '--client'], 'Workshop Berlin'],
  [['enable', '--key'], 'ptk_live_ExampleExampleExampleExampleExampleExampleExamp4'],
  [['rotate', '--client'], `${ID}0`],
  [['rotate', '--client', ID, '--overlap'], '-1'],
  [['rotate', '--client', ID, '--overlap'], '1.5'],
  [['rotate', '--client', ID, '--overlap'], '1d'],
  [['rotate', '--client', ID, '--overlap'], '2592001'],
  [['endpoints', 'disable', '--endpoint'], 'https://erp.example.com/hooks'],
  [['quota', '--partner', 'G', '--tickets'], '-1'],
  [['quota', '--partner', 'G', '--tickets'], '2e6'],
  [['quota', '--partner', 'G', '--tickets'], '2,000,000'],
  [['quota', '--partner', 'G', '--tickets'], '1000000001'],
])(
  '%j rejects the value %j with a message that names the option and does not repeat the value',
  async (args, value) => {
    const failure = await failureOf([...args.slice(0, -1), `${args.at(-1)}=${value}`]);
    expect(failure).toMatchObject({ name: 'WrongUse', exitCode: 2 });
    expect(failure.message).toContain(`${args.at(-1)} `);
    if (value.length > 3) {
      expect(failure.message).not.toContain(value);
    }
  },
);

/** Command lines, each with parts of the help that it shows with --help. */
const helped: [line: string, ...expected: string[]][] = [
  ['rotate', 'rotate --client <CLIENT_ID> [--overlap <SECONDS>]', 'from 0 to 2592000'],
  [
    'create --name G --json',
    'create --partner <NAME> --client <CLIENT_NAME> [--scopes <SCOPES>] [--expires <TIME>]',
    Object.keys(scopes).join(', '),
  ],
  [
    'endpoints disable',
    'endpoints disable --endpoint <ENDPOINT_ID>',
    'endpoints disable --partner <NAME>',
    '--remote',
  ],
  ['endpoints', 'endpoints', 'list', 'disable', 'enable', 'delete'],
  ['hosts deny', 'hosts deny <HOST>', '--remote'],
  [
    '',
    ...['create', 'list', 'endpoints', 'hosts', 'disable', 'enable', 'delete', 'rotate'],
    ...['Exit codes', '  3  '],
  ],
];

test.each(helped.map(([line, ...expected]) => [argumentsOf(line), expected] as const))(
  '%j with --help shows the usage and changes nothing',
  async (args, expected) => {
    const { heading, partners, json } = await runPartner([...args, '--help']);
    expect(json).toEqual({ help: `${heading}\n` });
    for (const part of expected) {
      expect(heading.replaceAll(/\s+/g, ' ')).toContain(part.replaceAll(/\s+/g, ' '));
    }
    expect(partners).toEqual([]);
  },
);

test('a wrong command line prints the help text of the command', async () => {
  const { help } = (await failureOf(['rotate', '--overlap', 'x'])) as WrongUse;
  expect(help).toContain('rotate --client <CLIENT_ID> [--overlap <SECONDS>]');
});

test.each([
  [['create', '--pasted=SECRET']],
  [['list', '--ptk_live_SECRET']],
  [['rotate', '--SECRET', ID]],
  [['create', '-pSECRET']],
  [['create', 'SECRET']],
  [['SECRET']],
  [['endpoints', 'SECRET']],
  [['endpoints', 'disable', '--SECRET']],
  [['hosts', 'deny', 'SECRET']],
  [['hosts', 'deny', 'a.example', 'SECRET']],
])('%j fails with exit code 2 and a message that does not repeat what was typed', async (args) => {
  const failure = await failureOf(args);
  expect(failure).toMatchObject({ name: 'WrongUse', exitCode: 2 });
  expect(failure.message).not.toContain('SECRET');
});
