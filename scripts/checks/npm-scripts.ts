/** How CI runs a script of package.json that nothing else in CI runs. */
export interface Run {
  /** The arguments that make it small. */
  readonly args?: readonly string[];
  /** A part of what it prints when it has worked. */
  readonly prints: string;
  /** Whether it goes on until Ctrl-C, which it then gets as soon as it has printed that part. */
  readonly isEndless?: boolean;
}

/** The scripts that this check runs, those that take long first. */
export const runs: Readonly<Record<string, Run>> = {
  bench: {
    args: ['--tickets', '1000', '--homes'],
    prints: 'operations are within their budgets, 0 exceed them.',
  },
  'bench:throughput': {
    args: ['--tickets', '1000', '--rounds', '1'],
    prints: 'a list page of 25, with the log',
  },
  'bench:import': {
    args: ['--tickets', '500', '--singles', '100'],
    prints: '500 tickets by batches of 500',
  },
  'bench:export': { args: ['--tickets', '1000'], prints: 'rows read for each ticket' },
  'bench:neighbours': {
    args: ['--tickets', '1000', '--seconds', '2'],
    prints: 'No verdict, because 2 seconds are not whole windows of 10.',
  },
  budgets: { args: ['--startups', '1'], prints: 'CPU time of the start' },
  // The upload needs an account, and changes what partners use.
  deploy: { args: ['--local'], prints: '--dry-run: exiting now.' },
  homes: { prints: 'main, number 0, binding DB' },
  'counts:check': { prints: 'Every stored count is correct.' },
  'db:generate': { prints: 'No schema changes, nothing to migrate' },
  types: { prints: 'Types written' },
  partner: { args: ['list'], prints: 'demo' },
  'webhooks:listen': {
    args: ['--forward-to', 'http://localhost:1', '--no-consent'],
    prints: 'Stop with Ctrl-C',
    isEndless: true,
  },
  events: { prints: 'prepared_ticket.created' },
  fix: { args: ['src/index.ts'], prints: 'No fixes applied.' },
  'demo:client': { prints: ':' },
  'demo:headers': { prints: 'x-api-key: ' },
  'keys:generate': { prints: '"kty":"EC"' },
};

/** The scripts that CI cannot run, and why. */
export const neverRun: Readonly<Record<string, string>> = {
  mutants:
    'It runs tests for each of 40 faults, which takes longer than everything else in CI together.',
  'release:document':
    'It replaces the document of the last release and the declared changes, which only a release may do.',
};
