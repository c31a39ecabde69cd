/** Collects every distinct `pattern` of a document. */
export function patternsOf(node: unknown, found = new Set<string>()): Set<string> {
  if (typeof node === 'object' && node !== null) {
    for (const [key, value] of Object.entries(node)) {
      if (key === 'pattern' && typeof value === 'string') {
        found.add(value);
      }
      patternsOf(value, found);
    }
  }
  return found;
}
