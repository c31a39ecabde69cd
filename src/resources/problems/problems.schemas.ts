import { z } from '@hono/zod-openapi';

/** What a program learns about a problem type from its address. */
export const problemType = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  /** What happened. */
  meaning: z.string(),
  /** What the reader can do about it. */
  remedy: z.string(),
});
