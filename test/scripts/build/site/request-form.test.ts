import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { ORIGIN } from '../../../support/api.ts';
import { operations } from '../../../support/document.ts';

interface Form {
  method: string;
  path: string;
  needsCredentials: boolean;
  groups: { in: string; fields: { name: string; value: string; options?: string[] }[] }[];
  type?: string;
  body?: string;
}

const formOf = async (operationId: string): Promise<Form> =>
  (await env.ASSETS.fetch(new URL(`/docs/try/${operationId}.json`, ORIGIN))).json();

/** Returns the fields of a group, with what they contain before a reader changes them. */
const fieldsOf = ({ groups }: Form, place: string) =>
  groups.find((group) => group.in === place)?.fields ?? [];

describe('the form of', () => {
  test.each(operations.map((operation) => [operation.operationId, operation] as const))(
    '%s describes its request',
    async (operationId, { method, path, security, requestBody }) => {
      const form = await formOf(operationId);
      expect([form.method, form.path]).toEqual([method, path]);
      expect(form.needsCredentials).toBe(security.length > 0);
      expect(fieldsOf(form, 'path').map(({ name }) => `{${name}}`)).toEqual(
        path.match(/\{.+?\}/g) ?? [],
      );
      for (const { name, value } of fieldsOf(form, 'path')) {
        expect(value, name).not.toBe('');
      }
      for (const { name, value } of [...fieldsOf(form, 'query'), ...fieldsOf(form, 'header')]) {
        expect(value, `${name} is sent only if a reader fills it in`).toBe('');
      }
      const json = requestBody?.content['application/json'];
      expect(form.body && JSON.parse(form.body)).toEqual(json?.example);
    },
  );

  test('an operation with several formats lets a reader choose one', async () => {
    const accept = fieldsOf(await formOf('exportPreparedTickets'), 'header').find(
      ({ name }) => name === 'Accept',
    );
    expect(accept?.options).toEqual(['application/x-ndjson', 'text/csv']);
  });

  test('a token request asks for the members of its body', async () => {
    const form = await formOf('createToken');
    const members = fieldsOf(form, 'form').map(({ name, value }) => [name, value]);
    expect(members).toEqual([
      ['grant_type', 'client_credentials'],
      ['client_id', ''],
      ['client_secret', ''],
      ['scope', ''],
    ]);
  });
});
