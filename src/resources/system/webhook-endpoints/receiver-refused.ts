import { z } from '@hono/zod-openapi';
import { problemWith } from '../../../problems/schemas.ts';

/** Creates the problem of a receiver that does not agree to receive webhooks. */
export const receiverRefused = problemWith(
  'receiverRefused',
  {
    reason: z.enum(['unreachable', 'not-agreed']).openapi({
      description: 'For the type /problems/receiver-refused: why.',
    }),
  },
  { reason: 'not-agreed' },
);
