import { z } from '@hono/zod-openapi';

/** What GitHub's secret scanning sends to its partners. What else it sends or may add is ignored. */
export const leakReport = z
  .array(
    z.object(
      {
        token: z.string({ error: 'Send the text that was found.' }),
        type: z.string({ error: 'Send the name of the pattern that it matches.' }),
      },
      { error: 'Send an object with token and type.' },
    ),
    { error: 'Send a list of what was found.' },
  )
  .max(500, { error: 'Send at most 500 texts at a time.' });

/** What it is told of each: the hash instead of the text, which is in no answer. */
export const leakLabels = z.array(
  z.object({
    /** SHA-256, in base64. */
    token_hash: z.string(),
    token_type: z.string(),
    label: z.enum(['true_positive', 'false_positive']),
  }),
);
