import { z } from '@hono/zod-openapi';

/** A report as GitHub's secret scanning sends it. Other members are ignored, because GitHub may add some. */
export const leakReport = z
  .array(
    z.object(
      {
        token: z.string({ error: 'Send the secret that was found, as a string.' }),
        type: z.string({
          error: 'Send the name of the pattern that the secret matches, as a string.',
        }),
      },
      { error: 'Send an object with the members token and type.' },
    ),
    { error: 'Send an array of the secrets that were found.' },
  )
  .max(500, { error: 'Send at most 500 secrets in one request.' });

/** The response: the label of each secret, which is identified by its hash and never repeated. */
export const leakLabels = z.array(
  z.object({
    /** The SHA-256 of the secret, in base64. */
    token_hash: z.string(),
    token_type: z.string(),
    label: z.enum(['true_positive', 'false_positive']),
  }),
);
