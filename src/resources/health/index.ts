import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../context.ts';
import * as routes from './health.routes.ts';

/** Mounts `/health`. */
export function mountHealth(app: OpenAPIHono<AppEnv>): void {
  app.openapi(routes.getHealth, (c) =>
    c.json({ status: 'pass' as const }, 200, {
      'Content-Type': 'application/health+json',
      'Cache-Control': 'no-store',
    }),
  );
}
