import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { failureOf, run } from '../process/command.ts';
import { copyTree, withFolder } from '../process/folder.ts';

const PAGE = 'docs/recipes.md';
/** Matches a heading, a code block with its indentation, and a command that is part of a recipe. */
const PARTS =
  /^## (?<heading>.+)$|^(?<indent> *)```(?<language>\w*)\n(?<block>[\s\S]*?)^ *```$|`npm run db:generate -- (?<migration>[^`]+)`|`npm test -- (?<tests>[^`]+)`/gm;
/** Matches the line of a diff that names the changed file. */
const FILE = /^--- a\/(.+)$/;
/** Matches the first line of a block that is a new file, and captures its path. */
const NEW_FILE = /^(?:\/\/|--) ([\w./-]+)\n/;
const TIMEOUT_MS = 600_000;

/** Returns the tests of a command. */
const namesOf = (tests = '') => tests.split(' ').filter(Boolean);

/** Runs a script of an installed package in a folder. @returns its output if it fails. */
async function runScript(folder: string, script: string, args: readonly string[]) {
  const environment = { CI: 'true', NO_COLOR: '1' };
  const options = { cwd: folder, environment, timeout: TIMEOUT_MS };
  const end = await run(process.execPath, [join('node_modules', script), ...args], options);
  return failureOf([script, ...args].join(' '), end);
}

/** Replaces the lines of a hunk in a file. @returns why that is not possible. */
function applyHunk(folder: string, file: string, lines: readonly string[]): string[] {
  const path = join(folder, file);
  const text = existsSync(path) ? `\n${readFileSync(path, 'utf8').trimEnd()}\n` : '';
  const without = (mark: string) =>
    lines.filter((line) => !line.startsWith(mark)).map((line) => `${line.slice(1)}\n`);
  const before = `\n${without('+').join('')}`;
  if (lines.some((line) => !/^[-+ ]|^$/.test(line)) || before.trim() === '') {
    return ['A hunk is not lines of context, of text to remove and of text to add.'];
  }
  const start = text.indexOf(before);
  if (start === -1) {
    return [`${file} lacks these lines:${before}`];
  }
  if (text.includes(before, start + 1)) {
    return [`${file} has these lines more than once:${before}`];
  }
  const after = `\n${without('-').join('')}${text.slice(start + before.length)}`;
  writeFileSync(path, (text.slice(0, start) + after).slice(1));
  return [];
}

/** Applies a block, without the indentation of its list. @returns one sentence for each part of it that does not apply. */
function applyBlock(folder: string, language: string, block: string): string[] {
  const [, created] = NEW_FILE.exec(block) ?? [];
  if (language !== 'diff' && created !== undefined) {
    const path = join(folder, created);
    if (existsSync(path)) {
      return [`${created} exists already.`];
    }
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, block.slice(block.indexOf('\n') + 1));
    return [];
  }
  const files = block.split(/^(?=--- a\/)/m).map((part) => part.trimEnd().split('\n'));
  return files.flatMap(([name = '', ...lines]) => {
    const [, file] = FILE.exec(name) ?? [];
    if (language !== 'diff' || file === undefined) {
      return [`A block is neither a diff of a file nor a new file: ${name}`];
    }
    const hunks = lines.join('\n').split(/^@@\n/m);
    return hunks.flatMap((hunk) => applyHunk(folder, file, hunk.replace(/\n$/, '').split('\n')));
  });
}

/** Follows a part of the page. @returns one sentence for each reason why that is not possible. */
function follow(folder: string, part: Readonly<Record<string, string | undefined>>) {
  const { indent = '', language = '', block, migration, tests } = part;
  if (block !== undefined) {
    return applyBlock(folder, language, block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''));
  }
  if (migration !== undefined) {
    return runScript(folder, 'drizzle-kit/bin.cjs', ['generate', ...migration.split(' ')]);
  }
  return namesOf(tests)
    .filter((test) => globSync(`${test}*`, { cwd: folder }).length === 0)
    .map((test) => `${test} does not exist.`);
}

async function check(folder: string): Promise<string[]> {
  copyTree(folder);
  const faults: string[] = [];
  const tests = new Set<string>();
  let recipe = '';
  for (const { groups = {} } of readFileSync(PAGE, 'utf8').matchAll(PARTS)) {
    recipe = groups.heading ?? recipe;
    const own = await follow(folder, groups);
    faults.push(...own.map((fault) => `${PAGE}, "${recipe}": ${fault}`));
    for (const test of namesOf(groups.tests)) {
      tests.add(test);
    }
  }
  if (faults.length > 0) {
    return faults;
  }
  const compiled = await runScript(folder, 'typescript/bin/tsc', ['-p', '.']);
  return compiled.length > 0 ? compiled : runScript(folder, 'vitest/vitest.mjs', ['run', ...tests]);
}

/**
 * Checks that the recipes are true: applies each block of the page to one copy of this tree, in the order of the page,
 * generates its migrations, compiles the result and runs the tests that the recipes name.
 */
export function checkRecipes(): Promise<string[]> {
  return withFolder(check);
}
