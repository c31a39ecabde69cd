import { z } from '@hono/zod-openapi';
import { problemWith } from '../../../problems/schemas.ts';

/**
 * Creates the problem of a receiver that does not agree to receive webhooks. Its `reason` never names a status, because
 * the API would otherwise scan other people's servers for whoever asks.
 */
export const receiverRefused = problemWith(
  'receiverRefused',
  {
    reason: z.enum(['unreachable', 'not-agreed']).openapi({
      description: 'Whether the receiver gave no answer, or one without consent.',
    }),
  },
  { reason: 'not-agreed' },
);
