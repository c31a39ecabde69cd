import {
  copyFileSync,
  cpSync,
  existsSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { failureOf } from '../../process/command.ts';
import { runTool, ToolFolder } from '../tool-folder.ts';
import { unknown } from './rewrite.ts';
import type { Step } from './steps.ts';

export const tools = new ToolFolder('consumers');

/** The programs that every client uses: that of the guide, and what its night has in common with the others. */
const COMMON = ['docs/guides/ticket_stream.ts', 'scripts/checks/future/steps.ts'];
/** The tickets that the export has on a page here, so that the programs need several pages. */
export const PAGE = 20;

/** What all clients need. */
export interface Scene {
  readonly environment: Readonly<Record<string, string>>;
  /** The environment variables of a night in addition. */
  readonly later: Readonly<Record<string, string>>;
  /** The numbers of the tickets that the program of the guide must print at least. */
  readonly numbers: readonly number[];
  /** The bodies of webhooks, one in each line. */
  readonly webhooks: string;
}

/** What each step of a night must receive in addition to an unknown member. */
const expected: Readonly<Record<Step, readonly string[]>> = {
  token: ['access_token'],
  sync: ['"status":201', unknown.code],
  batch: ['"status":201', unknown.code],
  list: ['vehicle_model_id'],
  tickets: [unknown.state],
  export: ['product_lines'],
  feed: ['prepared_ticket.created', unknown.event],
  readiness: ['product_lines', unknown.missing],
  endpoints: [unknown.reason],
  webhooks: ['prepared_ticket.created', unknown.event],
  problem: [unknown.problem, unknown.code],
};

/** Returns a fault for each step of a night that printed no result, or one without what it must receive. */
function nightFaults(source: string, output: string): string[] {
  const received = new Map<string, string>(
    output
      .split('\n')
      .filter(Boolean)
      .map((line) => [JSON.parse(line)[0], line]),
  );
  return Object.entries(expected).flatMap(([step, texts]) => {
    const line = received.get(step) ?? '';
    const lacking = [unknown.member, ...texts].filter((text) => !line.includes(text));
    return lacking.length === 0
      ? []
      : [`${source}: "${step}" did not receive ${lacking.join(' and ')}.`];
  });
}

const compilerOptions = {
  strict: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  target: 'es2024',
  module: 'esnext',
  moduleResolution: 'bundler',
  allowImportingTsExtensions: true,
  types: ['node'],
};

/** Returns a fault for each package that the commands of a guide pin to another version than the one tested here. */
function pinFaults(source: string, commands: string): string[] {
  const { dependencies } = JSON.parse(readFileSync(join(tools.path, 'package.json'), 'utf8'));
  const [install = ''] = /^npm install .*$/m.exec(commands) ?? [];
  const pins = [...install.matchAll(/ (@?[^\s@]+)@(\S+)/g)];
  return [
    ...(pins.length === 0 ? [`${source}: the guide installs no package.`] : []),
    ...pins
      .filter(([, name = '', version]) => dependencies[name] !== version)
      .map(([pin]) => `${source}: the guide installs${pin}, and this check another version.`),
  ];
}

/**
 * Generates, compiles and runs one client in a folder, with the commands of the guide, and lets it spend a night with
 * the API of a later year.
 *
 * @param source the folder of its programs.
 * @returns the faults.
 */
export async function checkClient(
  cwd: string,
  source: string,
  commands: string,
  { environment, later, numbers, webhooks }: Scene,
): Promise<string[]> {
  const pins = pinFaults(source, commands);
  if (pins.length > 0) {
    return pins;
  }
  cpSync(source, cwd, { recursive: true });
  for (const program of COMMON) {
    copyFileSync(program, join(cwd, basename(program)));
  }
  writeFileSync(join(cwd, 'webhooks.ndjson'), webhooks);
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ type: 'module' }));
  // The declarations of packages take longer than everything else. Those of a client must be right.
  const skipLibCheck = !commands.includes('.d.ts');
  const settings = {
    compilerOptions: { ...compilerOptions, skipLibCheck },
    include: ['*.ts', 'client/**/*.ts'],
  };
  writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify(settings));
  // Instead of `npm install`, so that the packages are those of the lock file.
  symlinkSync(join(tools.path, 'node_modules'), join(cwd, 'node_modules'), 'junction');
  const script = commands.replace(/^npm install .*\n/m, '').replace(/export\.ts$/m, `$& ${PAGE}`);
  const steps: [command: string, args: string[]][] = [
    ['bash', ['-euo', 'pipefail', '-c', script]],
    [tools.bin('tsc'), ['-p', '.']],
  ];
  if (existsSync(join(cwd, 'example.ts'))) {
    steps.push([process.execPath, ['example.ts']]);
  }
  for (const [command, parameters] of steps) {
    const end = await runTool(command, parameters, { cwd, environment });
    const faults = failureOf(`${source}: ${[command, ...parameters].join(' ')}`, end);
    if (faults.length > 0) {
      return faults;
    }
    // Other programs create tickets meanwhile.
    const read = Array.from(end.stdout.matchAll(/^(\d+) .+$/gm), ([, number]) => Number(number));
    const lacking = numbers.filter((number) => !read.includes(number));
    if (command === 'bash' && (lacking.length > 0 || new Set(read).size < read.length)) {
      return [`${source}: the program lacks the tickets ${lacking}:\n${end.stdout}`];
    }
  }
  const options = { cwd, environment: { ...environment, ...later } };
  const { stdout, ...end } = await runTool(process.execPath, ['night.ts'], options);
  const what = `${source}: a night with the API of a later year`;
  return end.code === 0 ? nightFaults(source, stdout) : failureOf(what, { ...end, stdout: '' });
}
