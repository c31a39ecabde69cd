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
      expect(source, lang).not.toMatch(/[ \t]$/m);
    }
  });

  test('reads credentials from the environment, those it needs', () => {
    const needed =
      operation.security.length > 0
        ? ['TOKEN', 'API_KEY']
        : operation.operationId === 'createToken'
          ? ['CLIENT_ID', 'CLIENT_SECRET']
          : [];
    for (const { source, lang } of samples) {
      const used = ['TOKEN', 'API_KEY', 'CLIENT_ID', 'CLIENT_SECRET'].filter((name) =>
        source.includes(name),
      );
      expect(used, lang).toEqual(needed);
    }
  });
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
