import { stringify } from 'yaml';

/** Returns a JSON value as YAML 1.2 in block style. References stay as they are. */
export function toYaml(value: unknown): string {
  // No anchors, because readers expect `$ref`. No folded lines, so that code samples can be copied.
  return stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
}
