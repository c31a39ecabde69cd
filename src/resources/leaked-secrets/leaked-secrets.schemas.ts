import { z } from '@hono/zod-openapi';

/** The body of a report by GitHub's secret scanning. Other members, which GitHub may send, are ignored. */
export const leakReport = z
  .array(
    z.object(
      {
        token: z.string({ error: 'Send the secret that was found, as a string.' }),
        type: z.string({ error: 'Send the type of the secret, as a string.' }),
      },
      { error: 'Send an object with the members token and type.' },
    ),
    { error: 'Send an array with one object for each secret that was found.' },
  )
  .max(500, { error: 'Send at most 500 secrets in one report.' });

/** The response to a report. It identifies each secret by its digest, so that it does not contain the secret. */
export const leakLabels = z.array(
  z.object({
    /** SHA-256 of the secret, in base64. */
    token_hash: z.string(),
    token_type: z.string(),
    label: z.enum(['true_positive', 'false_positive']),
  }),
);
