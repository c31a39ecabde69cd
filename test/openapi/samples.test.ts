import { describe, expect, test } from 'vitest';
import { codeSamples } from '../../src/openapi/samples/index.ts';
import { ORIGIN } from '../support/api.ts';
import { type DocumentedOperation, operations } from '../support/document.ts';

interface Sample {
  lang: string;
  label: string;
  source: string;
}

const samplesOf = (operation: DocumentedOperation) =>
  (operation as never as { 'x-codeSamples': Sample[] })['x-codeSamples'];

describe.each(operations)('$operationId', (operation) => {
  const samples = samplesOf(operation);

  test('has a sample in each language, that calls it at this address', () => {
    expect(samples.map(({ lang }) => lang)).toEqual(['Shell', 'JavaScript', 'Python', 'PHP', 'C#']);
    const [start = ''] = operation.path.split('{');
    for (const { source, lang } of samples) {
      expect(source, lang).toContain(ORIGIN + start);
      expect(source, lang).not.toMatch(/[{}]prepared-ticket-id|undefined|\[object/);
      expect(source, lang).not.toContain('%24');
      expect(source, lang).not.toMatch(/[ \t]$/m);
    }
  });

  test('reads credentials from the environment, those it needs', () => {
    const [scope] = operation.security[0]?.OAuth2 ?? [];
    const needed =
      operation.operationId === 'createToken'
        ? ['CLIENT_ID', 'CLIENT_SECRET']
        : scope === undefined
          ? []
          : [scope === 'credentials:manage' ? 'MANAGE' : 'TOKEN', 'API_KEY'];
    for (const { source, lang } of samples) {
      const used = ['MANAGE', 'TOKEN', 'API_KEY', 'CLIENT_ID', 'CLIENT_SECRET'].filter((name) =>
        new RegExp(`(?<![A-Z_])${name}(?![A-Z_])`).test(source),
      );
      expect(used, lang).toEqual(needed);
    }
  });

  test('names what is in the path by a variable', () => {
    const variables: Record<string, string> = {
      'prepared-ticket-id': 'TICKET_ID',
      'client-id': 'NEW_CLIENT_ID',
      'key-id': 'NEW_API_KEY_ID',
    };
    for (const [parameter, variable] of Object.entries(variables)) {
      for (const { source, lang } of samples) {
        expect(source.includes(variable), `${lang} ${variable}`).toBe(
          operation.path.includes(`{${parameter}}`),
        );
      }
    }
  });

  test('sends the entity tag with a PUT or DELETE that takes one', () => {
    const { method, parameters = [] } = operation;
    const isConditional =
      ['PUT', 'DELETE'].includes(method) &&
      parameters.some(({ name }) => name === 'If-Match') &&
      !parameters.some(({ name }) => name === 'preparer_external_reference');
    for (const { source, lang } of samples) {
      expect(/If-Match[\s\S]{1,60}ETAG/.test(source), lang).toBe(isConditional);
    }
  });
});

test('the token sample asks for no single scope, which would refuse every write', () => {
  const operation = operations.find(({ operationId }) => operationId === 'createToken');
  for (const { source, lang } of samplesOf(operation as DocumentedOperation)) {
    expect(source, lang).not.toContain('prepared-tickets:read');
  }
});

test('each sample shows the problem when it is refused', () => {
  const [curl, javascript, python, php, csharp] = samplesOf(
    operations.find(({ operationId }) => operationId === 'createPreparedTicket') as never,
  ).map(({ source }) => source);
  expect(curl).toContain('--fail-with-body');
  expect(javascript).toContain('throw new Error(await response.text())');
  expect(python).toContain('sys.exit(error.read().decode())');
  expect(php).toMatch(/throw new RuntimeException\(.+\$body\)/);
  expect(csharp).toContain('Console.Error.WriteLine(body)');
  expect(csharp).not.toContain('EnsureSuccessStatusCode');
});

test('texts are written so that each language reads them as they are', () => {
  const text = `it's "$5\\" \`and\` é`;
  const operation = {
    security: [],
    requestBody: {
      content: { 'application/json': { example: { text, none: null, list: [true] } } },
    },
    responses: { 204: {} },
  };
  const [curl, javascript, python, php, csharp] = codeSamples(ORIGIN, '/x', 'put', operation).map(
    ({ source }) => source,
  );
  const json = JSON.stringify(text);
  expect(curl).toContain(json.replaceAll("'", "'\\''"));
  expect(javascript).toContain(`"text": ${json}`);
  expect(python).toContain(`"text": ${json}`);
  expect(python).toContain('"none": None');
  expect(python).toContain('True');
  expect(php).toContain(`'text' => 'it\\'s "$5\\\\" \`and\` é'`);
  expect(php).toContain("'none' => null");
  expect(csharp).toContain(`"text": ${json}`);
});
