import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { demoAccess } from '../dev/demo-access.ts';
import type { LocalServer } from '../dev/local-server.ts';
import { failureOf } from '../process/command.ts';
import { withFolder } from '../process/folder.ts';
import { runTool, ToolFolder } from './tool-folder.ts';

const tools = new ToolFolder('consumers');

const collection = z.object({
  item: z.array(z.object({ item: z.array(z.object({ response: z.array(z.unknown()) })) })),
});

const count = z.object({ total: z.number() });
const failure = z.object({
  source: z.object({ name: z.string() }).optional(),
  error: z.object({ message: z.string() }),
});
/** The part of the report of newman's JSON reporter that is read here. */
const report = z.object({
  run: z.object({
    stats: z.object({ requests: count, assertions: count }),
    failures: z.array(failure),
  }),
});

/**
 * Runs the served Postman collection with newman from top to bottom, with values for its three variables.
 * Every request must succeed and have saved example responses.
 */
export async function checkPostman(server: LocalServer): Promise<string[]> {
  await tools.install();
  const { variables } = await demoAccess(server);
  return withFolder(async (folder) => {
    const text = await (await fetch(`${server.origin}/postman.json`)).text();
    const requests = collection.parse(JSON.parse(text)).item.flatMap(({ item }) => item);
    const [file, results] = [join(folder, 'postman.json'), join(folder, 'results.json')];
    writeFileSync(file, text);
    const credentials = (['CLIENT_ID', 'CLIENT_SECRET', 'API_KEY'] as const).flatMap((name) => [
      '--env-var',
      `${name.toLowerCase()}=${variables[name]}`,
    ]);
    const reporter = ['--reporters', 'json', '--reporter-json-export', results];
    const end = await runTool(tools.bin('newman'), [
      ...['run', file, '--timeout-request', '10000'],
      ...credentials,
      ...reporter,
    ]);
    const { stats, failures } = report.parse(JSON.parse(readFileSync(results, 'utf8'))).run;
    const faults = failures.map(
      ({ source, error }) => `${source?.name ?? 'The run'}: ${error.message}`,
    );
    if (requests.some(({ response }) => response.length === 0)) {
      faults.push('A request has no saved example response.');
    }
    if (stats.requests.total !== requests.length || stats.assertions.total < requests.length) {
      const { requests: sent, assertions } = stats;
      faults.push(
        `newman sent ${sent.total} of ${requests.length} requests and evaluated ${assertions.total} assertions.`,
      );
    }
    return faults.length > 0 ? faults : failureOf('newman', end);
  });
}
