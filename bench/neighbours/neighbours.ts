/**
 * `npm run bench:neighbours [-- --tickets N] [--seconds N]` measures what one partner notices of another one
 * that sends the heaviest requests that its rate limits allow. Two Workers in two processes share one local
 * database, and the limits are those of wrangler.toml. The measured partner has none, for more samples.
 *
 * D1 runs one statement at a time, so what decides is how long the longest statements of the heavy partner
 * are. The budget applies to time, so run it on an otherwise idle machine.
 */
import { Command } from 'commander';
import { withRuntime } from '../../scripts/runtime/runtime.ts';
import { API, authenticate, withWorld } from '../../scripts/runtime/world.ts';
import { type Dataset, fill } from '../dataset.ts';
import { multipleOf } from '../options.ts';
import { columns } from '../report.ts';
import { atFixedRate, Sender } from './load.ts';
import { firstSyncs, type Heavy, heaviestRequests, measuredRequests } from './requests.ts';

/** The Worker of the heavy partner, and the one that executes its statements beside the database. */
const HEAVY = { name: 'heavy', entry: 'bench/neighbours/remote-api.js' };
const GATEWAY = { name: 'gateway', entry: 'bench/neighbours/gateway.js' };
/** The window of the rate limits in seconds. */
const WINDOW_S = 10;
/** Milliseconds between two requests of the measured partner. */
const SAMPLE_INTERVAL_MS = 50;
/** The highest p50 beside the heavy partner, as a multiple of the one alone, and how much p99 may rise, in ms. */
const BUDGET = { p50Ratio: 2, p99RiseMs: 150 };

const { tickets, seconds } = new Command('npm run bench:neighbours --')
  .description('Measures one partner beside another one that sends the heaviest allowed requests.')
  .option('--tickets <NUMBER>', 'tickets of the heavy partner', multipleOf(1000), 1_000_000)
  .option('--seconds <NUMBER>', 'duration of each of the two phases', multipleOf(1), 60)
  .parse()
  .opts<{ tickets: number; seconds: number }>();

/** The value that a share of the values does not exceed. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] as number;
}

type Times = Readonly<Record<string, number[]>>;

/** Sends the measured requests in turn. @returns the milliseconds that each of them took. */
async function sample(sender: Sender, dataset: Dataset): Promise<Times> {
  const requests = Object.entries(measuredRequests);
  const times = Object.fromEntries(requests.map(([name]) => [name, [] as number[]]));
  await atFixedRate(seconds, SAMPLE_INTERVAL_MS, async (n, due) => {
    const [name, call] = requests[n % requests.length] as (typeof requests)[number];
    const status = await sender.send(call(dataset, n));
    if (status !== 200) {
      throw new Error(`${name} of the measured partner returned ${status}.`);
    }
    times[name]?.push(performance.now() - due);
  });
  return times;
}

/** The responses to the heavy requests of one kind. */
interface Answers {
  readonly name: string;
  readonly times: number[];
  /** The number of responses by status. */
  readonly statuses: Record<number, number>;
}

/** Sends the heavy requests of one kind: in each window that has them, as many at a time as its limit allows. */
async function burden(
  sender: Sender,
  { name, perWindow, everyOther, call }: Heavy,
): Promise<Answers> {
  const answers: Answers = { name, times: [], statuses: {} };
  await atFixedRate(seconds, WINDOW_S * 1000, async (window, due) => {
    if (everyOther === (window % 2 === 0 ? 'second' : 'first')) {
      return;
    }
    const send = async (i: number) => {
      const status = await sender.send(call(window * perWindow + i));
      answers.statuses[status] = (answers.statuses[status] ?? 0) + 1;
      answers.times.push(performance.now() - due);
    };
    await Promise.all(Array.from({ length: perWindow }, (_, i) => send(i)));
  });
  return answers;
}

const ms = (value: number) => value.toFixed(1);

/** Prints the measured requests. @returns whether they are within the budget. */
function report(alone: Times, beside: Times): boolean {
  let isWithin = true;
  const lines = Object.keys(alone).map((name) => {
    const of = (times: Times, share: number) => quantile(times[name] as number[], share);
    const ratio = of(beside, 0.5) / of(alone, 0.5);
    const rise = of(beside, 0.99) - of(alone, 0.99);
    const isOver = ratio > BUDGET.p50Ratio || rise > BUDGET.p99RiseMs;
    isWithin &&= !isOver;
    const cells = [of(alone, 0.5), of(beside, 0.5), ratio, of(alone, 0.99), of(beside, 0.99), rise];
    return [isOver ? 'OVER' : 'ok', name, ...cells.map(ms)];
  });
  const head = ['', 'request', 'p50 alone', 'beside', 'ratio', 'p99 alone', 'beside', 'rise'];
  console.log(columns([head, ...lines]));
  return isWithin;
}

function reportHeavy(answers: readonly Answers[]): void {
  const sent = answers.filter(({ times }) => times.length > 0);
  const lines = sent.map(({ name, times, statuses }) => [
    name,
    Object.entries(statuses)
      .map(([status, count]) => `${count} × ${status}`)
      .join(', '),
    ms(quantile(times, 0.5)),
    ms(quantile(times, 1)),
  ]);
  console.log(columns([['heavy requests', 'responses', 'p50', 'longest'], ...lines]));
}

/** Measures both phases. @returns whether the measured partner is within its budget, or was not judged. */
async function compare(heavy: Sender, measured: Sender, dataset: Dataset): Promise<boolean> {
  for (const sender of [heavy, measured]) {
    await sender.send({ path: '/v2/system/partner' });
  }
  const alone = await sample(measured, dataset);
  const [beside, ...answers] = await Promise.all([
    sample(measured, dataset),
    ...heaviestRequests(dataset).map((each) => burden(heavy, each)),
  ]);
  reportHeavy(answers);
  console.log();
  const isWithin = report(alone, beside);
  console.log(
    `Budget: p50 at most ${BUDGET.p50Ratio} times, p99 at most ${BUDGET.p99RiseMs} ms more.`,
  );
  // The heavy partner spends the quota of a window at its beginning, so a part of one says nothing.
  if (seconds % WINDOW_S !== 0) {
    console.log(`No verdict, because ${seconds} seconds are not whole windows of ${WINDOW_S}.`);
    return true;
  }
  return isWithin;
}

await withWorld([GATEWAY], { RATE_LIMITS: 'off' }, async (world) => {
  const dataset = await fill(world.database, tickets, 730);
  console.log(`${tickets} tickets of the heavy partner, ${tickets / 100} of the measured one.`);
  const origin = await world.origin(API);
  const unlimited = new Sender(origin, await world.headers('big'));
  for (const sync of firstSyncs()) {
    if ((await unlimited.send(sync)) !== 200) {
      throw new Error('The tickets of the syncs could not be created.');
    }
  }
  unlimited.close();
  const measured = new Sender(origin, await world.headers('other'));
  const variables = { RATE_LIMITS: 'on', DATABASE: await world.origin(GATEWAY.name) };
  await withRuntime([HEAVY], variables, async (runtime) => {
    const address = await runtime.origin(HEAVY.name);
    const heavy = new Sender(address, await authenticate(address, world.partners.big));
    process.exitCode = (await compare(heavy, measured, dataset)) ? 0 : 1;
    heavy.close();
  });
  measured.close();
});
