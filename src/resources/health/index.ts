import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../context.ts';
import * as routes from './health.routes.ts';
import { ReadinessCheck } from './readiness-check.ts';

const headers = { 'Content-Type': 'application/health+json', 'Cache-Control': 'no-store' };
const pass = { status: 'pass' as const };

/** Mounts `/health` and `/health/ready`. */
export function mountHealth(app: OpenAPIHono<AppEnv>): void {
  const readiness = new ReadinessCheck();
  app.openapi(routes.getHealth, (c) => c.json(pass, 200, headers));
  app.openapi(routes.getReadiness, async (c) => {
    await readiness.require(c);
    return c.json(pass, 200, headers);
  });
}
