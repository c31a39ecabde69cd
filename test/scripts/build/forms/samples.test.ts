import { describe, expect, test } from 'vitest';
import { tokenVariables } from '../../../../scripts/build/forms/sample-variables.ts';
import { codeSamples } from '../../../../scripts/build/forms/samples/index.ts';
import { ORIGIN } from '../../../support/api.ts';
import {
  samples as built,
  type DocumentedOperation,
  document,
  operations,
} from '../../../support/document.ts';

const samplesOf = ({ operationId }: DocumentedOperation) => built[operationId] ?? [];

describe.each(operations)('$operationId', (operation) => {
  const samples = samplesOf(operation);

  test('has a sample in each language that calls the operation at the address of the API', () => {
    expect(samples.map(({ lang }) => lang)).toEqual(['Shell', 'JavaScript', 'Python', 'PHP', 'C#']);
    const [start = ''] = operation.path.split('{');
    for (const { source, lang } of samples) {
      expect(source, lang).toContain(ORIGIN + start);
      expect(source, lang).not.toMatch(/[{}]prepared-ticket-id|undefined|\[object/);
      expect(source, lang).not.toContain('%24');
      expect(source, lang).not.toMatch(/[ \t]$/m);
    }
  });

  test('reads exactly the credentials that it needs from environment variables', () => {
    const [scope] = operation.security[0]?.OAuth2 ?? [];
    const needed =
      operation.operationId === 'createToken'
        ? ['CLIENT_ID', 'CLIENT_SECRET']
        : operation.security.length === 0
          ? []
          : [tokenVariables[scope ?? ''] ?? 'TOKEN', 'API_KEY'];
    for (const { source, lang } of samples) {
      const used = [
        ...Object.values(tokenVariables),
        'TOKEN',
        'API_KEY',
        'CLIENT_ID',
        'CLIENT_SECRET',
      ].filter((name) => new RegExp(`(?<![A-Z_])${name}(?![A-Z_])`).test(source));
      expect(used, lang).toEqual(needed);
    }
  });

  test('takes the ids in the path from variables', () => {
    const variables: Record<string, string> = {
      'prepared-ticket-id': 'TICKET_ID',
      'ticket-id': 'PICKED_UP_ID',
      'client-id': 'NEW_CLIENT_ID',
      'key-id': 'NEW_API_KEY_ID',
      'endpoint-id': 'ENDPOINT_ID',
    };
    for (const [parameter, variable] of Object.entries(variables)) {
      for (const { source, lang } of samples) {
        expect(source.includes(variable), `${lang} ${variable}`).toBe(
          operation.path.includes(`{${parameter}}`),
        );
      }
    }
  });

  test('sends If-Match if the operation is a PUT or DELETE that accepts it', () => {
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

test('the document contains only the shell samples', () => {
  for (const operation of operations) {
    const shown = (operation as never as { 'x-codeSamples': unknown })['x-codeSamples'];
    expect(shown).toEqual(samplesOf(operation).filter(({ lang }) => lang === 'Shell'));
  }
  expect(JSON.stringify(document)).not.toContain('CURLOPT_');
});

test('a replay takes its cursor from a variable in each language', () => {
  const operation = operations.find(({ operationId }) => operationId === 'replayWebhooks');
  const bodies = samplesOf(operation as DocumentedOperation).map(({ source }) => source);
  const expected = [
    `"after": "'"$CURSOR"'"`,
    '"after": process.env.CURSOR',
    '"after": os.environ["CURSOR"]',
    "'after' => getenv('CURSOR')",
    '.Replace("$CURSOR", Environment.GetEnvironmentVariable("CURSOR"))',
  ];
  expect(bodies.map((body, i) => body.includes(expected[i] as string))).toEqual([
    ...Array(5).fill(true),
  ]);
});

test('the token sample requests no scope, so that its token allows writes', () => {
  const operation = operations.find(({ operationId }) => operationId === 'createToken');
  for (const { source, lang } of samplesOf(operation as DocumentedOperation)) {
    expect(source, lang).not.toContain('prepared-tickets:read');
  }
});

test('each sample prints the problem if the request is rejected', () => {
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

test('samples escape strings for their language', () => {
  const text = `it's "$5\\" \`and\` é`;
  const operation = {
    path: '/x',
    method: 'PUT',
    security: [],
    parameters: [],
    requestBody: {
      content: { 'application/json': { example: { text, none: null, list: [true] } } },
    },
    responses: { 204: { description: 'No Content.' } },
  };
  const [curl, javascript, python, php, csharp] = codeSamples(ORIGIN, operation).map(
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
