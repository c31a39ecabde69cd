import { stringify } from 'yaml';

/** Writes a JSON value as YAML 1.2 in block style, with every reference as the document has it. */
export function toYaml(value: unknown): string {
  // No anchors: a reader looks for `$ref`. No folded lines: a sample is shown as it is typed.
  return stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
}
