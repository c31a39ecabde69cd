/**
 * Checks each regular expression of `demo` and `src`, and each `pattern` of the OpenAPI document with recheck: an
 * expression that backtracks without end lets one text stop an isolate, or the program of a partner. recheck looks at
 * one match, and not at an expression that starts over in a text; a rule of the linter and a test of the API look at
 * those.
 */
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync, Visitor } from 'oxc-parser';
import { check } from 'recheck';
import { patternsOf } from '../checks/patterns.ts';
import { fail } from '../process/fail.ts';

/**
 * The same seed gives the same result. The limit is that of one expression, in milliseconds. It is long, because a
 * new clone checks all of them at once, beside the compiler.
 */
const CHECK = { randomSeed: 1, timeout: 120_000 } as const;

/** Remembers which expressions were safe, because a check of all takes several seconds. */
const CACHE = 'node_modules/.cache/expressions.json';

function readKnown(): Set<string> {
  return new Set(existsSync(CACHE) ? (JSON.parse(readFileSync(CACHE, 'utf8')) as string[]) : []);
}

interface Expression {
  readonly source: string;
  readonly flags: string;
  /** Where it was found first. */
  readonly place: string;
}

const expressions = new Map<string, Expression>();

function add(expression: Expression): void {
  const { source, flags } = expression;
  const key = `${flags} ${source}`;
  expressions.set(key, expressions.get(key) ?? expression);
}

/** Adds the literals of a file. Returns whether it also makes expressions of texts. */
function addLiterals(file: string): boolean {
  const { program, errors } = parseSync(file, readFileSync(file, 'utf8'));
  if (errors.length > 0) {
    throw new Error(`${file} cannot be parsed.`);
  }
  let makesOthers = false;
  new Visitor({
    Literal(node) {
      if ('regex' in node) {
        const { pattern, flags } = node.regex;
        add({ source: pattern, flags, place: file });
      }
    },
    NewExpression({ callee }) {
      makesOthers ||= callee.type === 'Identifier' && callee.name === 'RegExp';
    },
    CallExpression({ callee }) {
      makesOthers ||= callee.type === 'Identifier' && callee.name === 'RegExp';
    },
  }).visit(program);
  return makesOthers;
}

/** Adds the expressions that files of `src` make of texts while a function runs. Returns the files. */
async function recordMadeExpressions(load: () => Promise<void>): Promise<Set<string>> {
  const files = new Set<string>();
  const root = resolve('.');
  const original = RegExp;
  globalThis.RegExp = new Proxy(original, {
    construct(target, parameters, newTarget) {
      const made = Reflect.construct(target, parameters, newTarget) as RegExp;
      const caller = new Error().stack?.split('\n')[2]?.match(/file:\/\/[^)]+?\.tsx?(?=[:?])/)?.[0];
      const file = caller && relative(root, fileURLToPath(caller));
      if (file?.startsWith('src/')) {
        files.add(file);
        add({ source: made.source, flags: made.flags, place: file });
      }
      return made;
    },
  });
  await load();
  globalThis.RegExp = original;
  return files;
}

const makers = globSync('{demo,src}/**/*.{ts,tsx}').filter(addLiterals);
// The modules are loaded only now, so that the expressions that they make are recorded.
const recorded = await recordMadeExpressions(async () => {
  const { createApp } = await import('../../src/app.ts');
  const { buildDocument } = await import('../../src/openapi/document.ts');
  const app = createApp({
    now: Date.now,
    newId: () => crypto.randomUUID(),
    fetch,
    background() {},
    wakeEndpoint: async () => undefined,
  });
  const document = buildDocument(
    app,
    { issuer: 'https://api.test' },
    { description: '', tags: [] },
  );
  for (const source of patternsOf(document)) {
    add({ source, flags: 'u', place: 'the OpenAPI document' });
  }
});

const known = readKnown();
const faults = makers
  .filter((file) => !recorded.has(file))
  .map((file) => `${file} makes a regular expression that no import of the app makes.`);
await Promise.all(
  [...expressions].map(async ([key, { source, flags, place }]) => {
    const status = known.has(key) ? 'safe' : (await check(source, flags, CHECK)).status;
    if (status === 'safe') {
      known.add(key);
    } else {
      faults.push(`${place}: recheck finds /${source}/${flags} ${status}.`);
    }
  }),
);
mkdirSync(dirname(CACHE), { recursive: true });
writeFileSync(CACHE, JSON.stringify([...expressions.keys()].filter((key) => known.has(key))));
if (faults.length > 0) {
  fail(faults.join('\n'));
}
console.log(`${expressions.size} regular expressions are safe.`);
// The processes of recheck would keep this one alive.
process.exit();
