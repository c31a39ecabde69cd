import { z } from '@hono/zod-openapi';
import { describe, expect, it } from 'vitest';
import { json, operation } from '../../../src/http/operation.ts';
import { prepareReplies } from '../../../src/http/responses/reply.ts';

const declare = (schema: z.ZodType) =>
  operation({
    method: 'get',
    path: '/example',
    operationId: 'getExample',
    access: 'public',
    responses: { 200: json('Found.', schema, { example: {} }) },
  });

describe('prepareReplies', () => {
  it('accepts routes whose schemas declare every member', () => {
    const named = declare(z.object({ id: z.string() }));
    expect(() => prepareReplies([named])).not.toThrow();
  });

  it('throws an error with the operation and the status of a schema that could let undeclared members through', () => {
    const open = declare(z.object({ details: z.unknown() }));
    expect(() => prepareReplies([open])).toThrow('The 200 of getExample has an unfit schema.');
  });
});
