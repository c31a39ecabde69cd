/**
 * `npm run mutants` puts one fault at a time into a copy of this tree, and runs the tests that concern its file: a
 * fault that no test notices shows a rule that no test holds. The seed chooses the faults by their text and not by
 * their place, so two runs are comparable when code has moved between them.
 *
 * StrykerJS does not fit: it cannot mutate SQL inside of a template, where half of the rules stand, and its runner
 * starts vitest with a pool of its own, so the tests would not run in workerd.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Command } from 'commander';
import { run } from '../process/command.ts';
import { copyTree, withFolder } from '../process/folder.ts';
import { choose, type Mutation, mutationsOf } from './mutations.ts';

/** The longest time for one run of tests, after which a fault counts as noticed: it makes something wait forever. */
const RUN_TIMEOUT_MS = 1_800_000;
/** The tests that follow if those of the room do not notice a fault. They call every operation. */
const WIDER = ['contract', 'budgets', 'scheduled', 'openapi/replays', 'openapi/requests', 'faults'];
/** A machine that is busy needs longer than the time-out of the tests. */
const OPTIONS = '--bail=1 --maxWorkers=1 --testTimeout=120000'.split(' ');
/** The file whose test notices a fault. */
type Killer = string | undefined;
const VITEST = join('node_modules', 'vitest', 'vitest.mjs');

/** Returns the tests of the room of a file of `src`, and those that run if these pass. */
function testsOf(file: string): readonly [room: string[], wider: string[]] {
  let room = join('test', relative('src', dirname(file)));
  while (!existsSync(room) || globSync(`${room}/**/*.test.ts`).length === 0) {
    room = dirname(room);
  }
  const users = room.startsWith(join('test', 'http'))
    ? ['resources/tickets/prepared-tickets/']
    : [];
  const wider = [...WIDER.map((name) => `${name}.test.ts`), ...users];
  return [[`${room}/`], wider.map((path) => join('test', path))];
}

/** Runs tests, twice if the runtime fails. @returns the file whose test failed; undefined if all pass. */
async function failingTest(folder: string, tests: string[], retries = 1): Promise<Killer> {
  const { code, stdout, stderr } = await run(
    process.execPath,
    [VITEST, 'run', ...tests, ...OPTIONS],
    { cwd: folder, environment: { CI: 'true', NO_COLOR: '1' }, timeout: RUN_TIMEOUT_MS },
  );
  const [, failed] = /^ FAIL {2}(\S+)/m.exec(stdout + stderr) ?? [];
  const other = () => (retries === 0 ? 'no single test' : failingTest(folder, tests, 0));
  return code === 0 ? undefined : (failed ?? other());
}

/** Runs the tests against one fault. @returns what noticed it; undefined if nothing did. */
async function killerOf(folder: string, { file, start, end, replacement }: Mutation) {
  const source = readFileSync(file, 'utf8');
  writeFileSync(join(folder, file), source.slice(0, start) + replacement + source.slice(end));
  const [room, wider] = testsOf(file);
  const killer = (await failingTest(folder, room)) ?? (await failingTest(folder, wider));
  writeFileSync(join(folder, file), source);
  return killer;
}

const { seed, count, list } = new Command('npm run mutants --')
  .description('Puts faults into the code, one at a time, and reports which ones the tests notice.')
  .option('--seed <number>', 'chooses the faults', Number, 1)
  .option('--count <number>', 'how many faults', Number, 40)
  .option('--list', 'prints the faults without running tests')
  .parse()
  .opts<{ seed: number; count: number; list?: true }>();
const files = globSync(['src/**/*.repository.ts', 'src/http/requests/*.ts']).sort();
const all = files.flatMap(mutationsOf);
const chosen = choose(all, seed, count);
console.log(`${chosen.length} of ${all.length} mutants in ${files.length} files, seed ${seed}`);
const shorten = (text: string) => (text.length > 70 ? `${text.slice(0, 69)}…` : text);
const describe = ({ kind, file, line, original, replacement }: Mutation) =>
  `${kind}, ${file}:${line}: ${shorten(original)} → ${shorten(replacement.trim()) || 'nothing'}`;

if (list) {
  console.log(chosen.map(describe).join('\n'));
  process.exit();
}
await withFolder(async (folder) => {
  copyTree(folder);
  const killers: string[] = [];
  for (const mutation of chosen) {
    const killer = await killerOf(folder, mutation);
    const [verdict, by] = killer ? ['killed  ', `, by ${killer}`] : ['SURVIVED', ''];
    console.log(`${verdict} ${describe(mutation)}${by}`);
    killers.push(...(killer ? [killer] : []));
  }
  console.log(`${killers.length} of ${chosen.length} mutants were killed.`);
  const killing = [...new Set(killers)].filter((killer) => killer.startsWith('test/'));
  const failing = killing.length > 0 && (await failingTest(folder, killing));
  console.log(failing ? `But ${failing} fails without a mutant too.` : 'All pass without one.');
});
