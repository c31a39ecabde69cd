import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../context.ts';
import { DatabaseUnavailable } from '../../db/errors.ts';
import { missingMigrations } from './health.repository.ts';
import * as routes from './health.routes.ts';

const headers = { 'Content-Type': 'application/health+json', 'Cache-Control': 'no-store' };
const pass = { status: 'pass' as const };

/** Mounts `/health` and `/health/ready`. */
export function mountHealth(app: OpenAPIHono<AppEnv>): void {
  app.openapi(routes.getHealth, (c) => c.json(pass, 200, headers));
  app.openapi(routes.getReadiness, async (c) => {
    const missing = await missingMigrations(c.var.db);
    if (missing.length > 0) {
      throw new DatabaseUnavailable(`missing migrations: ${missing.join(', ')}`, false);
    }
    return c.json(pass, 200, headers);
  });
}
