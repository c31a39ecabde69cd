import { type Changes, child, isNode, type Node, resolve } from './change.ts';

/** Returns the problem types in the examples of a response. */
function typesIn(document: Node, response: Node): string[] {
  const media = child(child(resolve(document, response), 'content'), 'application/problem+json');
  return Object.values(child(media, 'examples'))
    .filter(isNode)
    .map((example) => child(resolve(document, example), 'value').type)
    .filter((type) => typeof type === 'string');
}

const without = (types: Set<string>, others: Set<string> = new Set()) =>
  [...types].filter((type) => !others.has(type));

/** Returns every problem type in the document by its status. */
function problemTypesOf(document: Node): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const operations = Object.values(child(document, 'paths'))
    .filter(isNode)
    .flatMap((item) => Object.values(item).filter(isNode));
  for (const operation of operations) {
    for (const [status, response] of Object.entries(child(operation, 'responses'))) {
      const types = found.get(status) ?? new Set();
      found.set(status, types);
      for (const type of typesIn(document, response as Node)) {
        types.add(type);
      }
    }
  }
  return found;
}

/**
 * Compares the problem types, on which programs branch. No schema contains them, so they are read from
 * the examples of all operations together: a cause has the same type in every operation.
 */
export function compareProblemTypes(changes: Changes, oldDocument: Node, newDocument: Node): void {
  const [olds, news] = [problemTypesOf(oldDocument), problemTypesOf(newDocument)];
  for (const [status, types] of news) {
    for (const type of without(types, olds.get(status))) {
      changes.note(`problems ${status}`, `a new type ${type}`);
    }
  }
  for (const [status, types] of olds) {
    for (const type of without(types, news.get(status))) {
      changes.breaking(`problems ${status}`, `the type ${type} is gone`);
    }
  }
}
