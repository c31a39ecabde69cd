import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseSync, Visitor } from 'oxc-parser';

/** What faults change, in the order in which they take turns. */
const KINDS = ['statement', 'term', 'condition', 'bound', 'constant', 'boolean', 'throw'] as const;

type Kind = (typeof KINDS)[number];

/** A place in a file. Each node of the tree is one. */
type Range = Readonly<Record<'start' | 'end', number>>;

/** A fault: the text of a file from `start` to `end`, with the 1-based line of `start`, becomes `replacement`. */
export interface Mutation extends Range {
  readonly kind: Kind;
  readonly file: string;
  readonly line: number;
  readonly original: string;
  readonly replacement: string;
  /** Names the fault by its kind and text, and not by its place, so it keeps its name when the code moves. */
  readonly key: string;
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim();
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

/** What ends a term of an SQL condition, unless it stands in parentheses that the term opened. */
const END = /^(?:\)|,|\s+(?:AND|OR|ORDER|GROUP|LIMIT|UNION|RETURNING|ON CONFLICT|WHERE|AS)\b)/;

/** Returns the length of the first term of an SQL text. */
function termLength(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (depth === 0 && END.test(text.slice(at))) {
      return at;
    }
    depth += text[at] === '(' ? 1 : text[at] === ')' ? -1 : 0;
  }
  return text.trimEnd().length;
}

const BOUNDS: Readonly<Record<string, string>> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' };

const WRITE = /\b(?:write|\w+Once)\((?:[^()]+, )?$|statements = \([^)]*\) => \($/i;

/** Returns whether the object that follows a text has the statements of a write. */
function isWrite(before: string): boolean {
  const [declaration = ''] = before.split(/^(?:export )?(?:async )?function /m).slice(-1);
  const isReturned = /^\w*statements\b/i.test(declaration) && before.endsWith('\n  return ');
  return isReturned || WRITE.test(before);
}

/** Returns all mutations of a file. */
export function mutationsOf(file: string): Mutation[] {
  const source = readFileSync(file, 'utf8');
  const mutations: Mutation[] = [];
  const literalTypes = new Set<number>();
  const add = (kind: Kind, { start, end }: Range, replacement: string) => {
    const line = source.slice(0, start).split('\n').length;
    const original = oneLine(source.slice(start, end));
    const context = source.split('\n')[line - 1]?.trim();
    const key = `${kind}|${context}|${original}|${oneLine(replacement)}`;
    mutations.push({ kind, file, start, end, replacement, line, original, key });
  };
  const text = ({ start, end }: Range) => source.slice(start, end);
  const negate = ({ test }: { readonly test: Range }) => add('condition', test, `!(${text(test)})`);
  const number = (at: Range, value: number) => {
    const isLower = value > 0 && hash(text(at)) >= '8';
    add('constant', at, String(isLower ? value - 1 : value + 1));
  };

  /** Adds the mutations of an SQL text, without those of the expressions in it. */
  const addSql = (quasi: Range, expressions: readonly Range[]) => {
    let sql = text(quasi).replaceAll('`', ' ');
    for (const { start, end } of expressions) {
      const [from, until] = [start - 2 - quasi.start, end + 1 - quasi.start];
      sql = sql.slice(0, from) + 'x'.repeat(until - from) + sql.slice(until);
    }
    const at = (index: number, length: number) => ({
      start: quasi.start + index,
      end: quasi.start + index + length,
    });
    for (const { 0: and, index } of sql.matchAll(/\s+AND\s/g)) {
      if (!/\bBETWEEN\s+\S+$/.test(sql.slice(0, index))) {
        add('term', at(index, and.length + termLength(sql.slice(index + and.length))), '');
      }
    }
    for (const { 1: bound, index } of sql.matchAll(/(?<=\s)([<>]=?)(?=\s)/g)) {
      add('bound', at(index, bound?.length ?? 0), BOUNDS[bound ?? ''] ?? '');
    }
    for (const { 0: digits, index } of sql.matchAll(/(?<![\w'.:])\d+(?![\w'.:])/g)) {
      number(at(index, digits.length), Number(digits));
    }
    for (const { 0: value, index } of sql.matchAll(/\b(?:true|false)\b/g)) {
      add('boolean', at(index, value.length), value === 'true' ? 'false' : 'true');
    }
  };

  new Visitor({
    IfStatement: negate,
    ConditionalExpression: negate,
    ThrowStatement: (node) => add('throw', node, ';'),
    LogicalExpression(node) {
      if (node.operator === '&&') {
        add('term', node, text(node.left));
      }
    },
    BinaryExpression(node) {
      const bound = BOUNDS[node.operator];
      if (bound !== undefined) {
        add('bound', { start: node.left.end, end: node.right.start }, ` ${bound} `);
      }
    },
    TSLiteralType: ({ literal }) => void literalTypes.add(literal.start),
    Literal(node) {
      const isValue = !literalTypes.has(node.start);
      if (isValue && typeof node.value === 'number') {
        number(node, node.value);
      } else if (isValue && typeof node.value === 'boolean') {
        add('boolean', node, String(!node.value));
      }
    },
    TaggedTemplateExpression({ tag, quasi }) {
      if (tag.type === 'Identifier' && ['sql', 'ownedSql'].includes(tag.name)) {
        addSql(quasi, quasi.expressions);
      }
    },
    CallExpression({ callee, arguments: all }) {
      const [last, before] = all.toReversed();
      if (callee.type === 'Identifier' && callee.name === 'and' && last && before) {
        add('term', { start: before.end, end: last.end }, '');
      }
    },
    ObjectExpression({ start, properties }) {
      for (const [index, property] of isWrite(source.slice(0, start)) ? properties.entries() : []) {
        const end = properties[index + 1]?.start ?? property.end;
        if (property.type === 'Property' && properties.length > 1) {
          add('statement', { start: property.start, end }, '');
        }
      }
    },
  }).visit(parseSync(file, source).program);
  return mutations;
}

/** Chooses mutations: each kind in turn, and of a kind those that the seed ranks first. */
export function choose(mutations: readonly Mutation[], seed: number, count: number): Mutation[] {
  const unique = new Map(mutations.map((mutation) => [mutation.key, mutation]));
  const rankOf = ({ key }: Mutation) => hash(`${seed}|${key}`);
  const ranked = [...unique.values()].sort((a, b) => (rankOf(a) < rankOf(b) ? -1 : 1));
  const byKind = KINDS.map((kind) => ranked.filter((mutation) => mutation.kind === kind));
  return ranked.flatMap((_, turn) => byKind.flatMap((some) => some[turn] ?? [])).slice(0, count);
}
