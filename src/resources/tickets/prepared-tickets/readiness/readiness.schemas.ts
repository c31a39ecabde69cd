import { z } from '@hono/zod-openapi';
import { missingParts } from '../../../../problems/problem.ts';

export const readinessExample = { ready: true, missing: [] };

export const readiness = z
  .object({
    ready: z.boolean().openapi({
      description:
        'Whether the prepared ticket appears in the Customer Portal and can be picked up.',
    }),
    missing: z.array(z.enum(missingParts)).openapi({
      description: 'What the prepared ticket lacks. Empty if it is ready.',
      maxItems: missingParts.length,
    }),
  })
  .openapi('Readiness', {
    description:
      'Whether a prepared ticket has what it needs to be picked up: a VIN, a vehicle model and at least one product line.',
    example: readinessExample,
  });
