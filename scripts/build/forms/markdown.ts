/**
 * The document in Markdown. It is written here and not by `@scalar/openapi-to-markdown`, because that
 * library repeats every schema wherever it is used (1.2 MB instead of 132 KB), leaves out parameters and
 * code samples, and shows examples that it invents instead of those of the document.
 */
import type { OpenAPIDocument } from '../../../src/openapi/document.ts';
import { byTag, type Operation, type Parameter, type Schema } from './read.ts';

/** Escapes a text for a cell of a table. */
const cell = (text: string) => text.replaceAll(/\s*\n\s*/g, ' ').replaceAll('|', '\\|');

const nameOf = ($ref: string) => $ref.split('/').at(-1) as string;

/** Returns the type of a value in a few words. A named schema becomes a link to its table. */
function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = nameOf(schema.$ref);
    return `[${name}](#${name.toLowerCase()})`;
  }
  const parts = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (parts) {
    return parts.map(typeOf).join(' or ');
  }
  if (schema.const !== undefined || schema.enum) {
    return (schema.enum ?? [schema.const])
      .map((value) => `\`${JSON.stringify(value)}\``)
      .join(', ');
  }
  if (schema.items) {
    return `array of ${typeOf(schema.items)}`;
  }
  const type = [schema.type ?? 'any'].flat().join(' or ');
  return schema.format ? `${type} (${schema.format})` : type;
}

function limitsOf({ minimum, maximum, minLength, maxLength }: Schema): string {
  const [least, most, unit] =
    minLength === undefined && maxLength === undefined
      ? [minimum, maximum, '']
      : [minLength ?? 0, maxLength, ' characters'];
  if (least === undefined && most === undefined) {
    return '';
  }
  return least === most ? ` ${most}${unit}.` : ` ${least ?? '…'} to ${most ?? '…'}${unit}.`;
}

function rowOf(name: string, where: string, schema: Schema, text = schema.description ?? '') {
  const standard = schema.default === undefined ? '' : ` Default: \`${schema.default}\`.`;
  return `| \`${name}\` | ${where} | ${cell(typeOf(schema))} | ${cell(text)}${limitsOf(schema)}${standard} |`;
}

function parametersOf(parameters: readonly Parameter[]): string[] {
  if (parameters.length === 0) {
    return [];
  }
  const rows = parameters.map(({ name, in: where, required, schema = {}, description }) =>
    rowOf(name, required ? `${where}, required` : where, schema, description),
  );
  return [
    ['| parameter | in | type | description |', '| --- | --- | --- | --- |', ...rows].join('\n'),
  ];
}

function contentOf(content: Record<string, { schema?: Schema }> = {}): string {
  return Object.entries(content)
    .map(([type, { schema }]) => ` \`${type}\`${schema?.$ref ? `: ${typeOf(schema)}` : ''}`)
    .join(',');
}

function operationSection(operation: Operation): string {
  const { method, path, summary, description, security, requestBody, responses } = operation;
  const scope = security.flatMap((requirement) => Object.values(requirement).flat());
  const token = scope.length > 0 ? `the scope \`${scope.join(' ')}\`` : 'any scope';
  const rows = Object.entries(responses).map(([status, response]) => {
    const { description: meaning, content } = response;
    return `| ${status} | ${cell(meaning)} |${contentOf(content)} |`;
  });
  const sample = operation['x-codeSamples'].find(({ lang }) => lang === 'Shell');
  return [
    `### ${summary}`,
    `\`${method} ${path}\`${operation.deprecated ? ' (deprecated)' : ''}`,
    description,
    ...(security.length > 0 ? [`Requires an access token with ${token}, and an API key.`] : []),
    ...parametersOf(operation.parameters),
    ...(requestBody ? [`Request body:${contentOf(requestBody.content)}`] : []),
    ...(sample ? [`\`\`\`sh\n${sample.source}\n\`\`\``] : []),
    ['| status | description | response body |', '| --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n');
}

/** Returns the table of the members of a schema, or one table for each alternative of a union. */
function membersOf(schema: Schema): string {
  const variants = schema.anyOf ?? schema.oneOf ?? [];
  if (variants.some(({ properties }) => properties)) {
    return variants.map(membersOf).join('\n\nOr:\n\n');
  }
  const members = Object.entries(schema.properties ?? {}).map(([member, inner]) =>
    rowOf(member, schema.required?.includes(member) ? 'required' : '', inner),
  );
  return members.length > 0
    ? ['| member | | type | description |', '| --- | --- | --- | --- |', ...members].join('\n')
    : `Type: ${typeOf(schema)}`;
}

function schemaSection(name: string, schema: Schema): string {
  const description = schema.description ? [schema.description] : [];
  return [`### ${name}`, ...description, membersOf(schema)].join('\n\n');
}

/** Returns the document, including its guides, as one Markdown page. */
export function toMarkdown(document: OpenAPIDocument): string {
  const schemas = Object.entries((document.components?.schemas ?? {}) as Record<string, Schema>);
  return `${[
    `# ${document.info.title}`,
    document.info.description ?? '',
    ...byTag(document).flatMap(({ name, description, operations }) => [
      `## ${name}`,
      description,
      ...operations.map(operationSection),
    ]),
    '## Schemas',
    ...schemas.map(([name, schema]) => schemaSection(name, schema)),
  ].join('\n\n')}\n`;
}
