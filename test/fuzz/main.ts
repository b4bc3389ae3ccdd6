// The long run: node test/fuzz/start.mjs [--target NAME ...] [--seconds N | --cases N] [--seed S] [--case N]
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { makeCase, type Report, runCases } from './run-cases.js';
import { TARGETS } from './targets.js';

/** What the thread of a target is to do. `started`: number of the present case, written by the thread. */
interface Job {
  readonly kernels: WebAssembly.Module;
  readonly target: string;
  readonly seed: number;
  readonly first: number;
  readonly seconds: number;
  readonly cases: number;
  readonly started: Float64Array<SharedArrayBuffer>;
}

/** Looks, a second apart, in which a case must end; they stop while the process does. */
const PATIENCE = 60;
const HEAP_MEGABYTES = 512;

/** The thread of a target: it may hang or run out of memory, and the main thread sees which case that was. */
async function work({ kernels, target: name, seed, first, seconds, cases, started }: Job): Promise<Report> {
  const target = await TARGETS.get(name)!(kernels);
  const end = performance.now() + 1000 * seconds;
  return runCases(
    target,
    { seed, first },
    (done) => done >= cases || performance.now() >= end,
    (number) => {
      started[0] = number;
    },
  );
}

function runThread(job: Job): Promise<Report> {
  const { started } = job;
  return new Promise((resolve) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: job, resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES } });
    let [seen, looks] = [-1, 0];
    const end = (report: Report): void => {
      clearInterval(watch);
      void worker.terminate();
      resolve(report);
    };
    const fail = (what: string): void => {
      const number = started[0]!;
      end({ cases: number - job.first + 1, outcomes: new Map(), failures: [{ number, what }], slowest: 0 });
    };
    const watch = setInterval(() => {
      looks = started[0] === seen ? looks + 1 : 0;
      seen = started[0]!;
      if (looks === PATIENCE) fail(`has not ended after ${PATIENCE} s`);
    }, 1000);
    worker.on('message', end);
    worker.on('error', (error) => fail(error.message));
  });
}

function format(target: string, seed: number, seconds: number, { cases, outcomes, failures, slowest }: Report): string {
  const accepted = outcomes.get('accepted') ?? 0;
  const codes = [...outcomes].sort(([, a], [, b]) => b - a).map(([code, count]) => `${code} ${count}`);
  const lines = [
    `${target}: ${cases} files in ${seconds.toFixed(0)} s (${Math.round(cases / seconds)} a second), ${accepted} accepted, slowest ${Math.ceil(slowest)} ms, ${failures.length} failed`,
    `  ${codes.join(', ')}`,
    ...failures.map(({ number, what }) => `  failed: npm run fuzz -- --target ${target} --seed ${seed} --case ${number}\n${what}`),
  ];
  return lines.join('\n');
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      target: { type: 'string', multiple: true, default: [...TARGETS.keys()] },
      seconds: { type: 'string', default: '60' },
      cases: { type: 'string', default: 'Infinity' },
      seed: { type: 'string', default: '1' },
      case: { type: 'string' },
      save: { type: 'string' },
      kernels: { type: 'string' },
    },
  });
  const kernels = await WebAssembly.compile(await readFile(values.kernels!));
  const names = values.target;
  const unknown = names.find((name) => !TARGETS.has(name));
  if (unknown !== undefined) throw new Error(`there is no target ${unknown}; there is ${[...TARGETS.keys()].join(', ')}`);
  const seed = Number(values.seed);
  const only = values.case === undefined ? null : Number(values.case);
  if (only !== null && values.save !== undefined)
    await writeFile(values.save, makeCase(await TARGETS.get(names[0]!)!(kernels), seed, only));
  for (const name of names) {
    const started = new Float64Array(new SharedArrayBuffer(8));
    const begin = performance.now();
    const job = {
      kernels,
      target: name,
      seed,
      first: only ?? 0,
      seconds: Number(values.seconds),
      cases: only === null ? Number(values.cases) : 1,
      started,
    };
    const report = await runThread(job);
    console.log(format(name, seed, (performance.now() - begin) / 1000, report));
    if (report.failures.length > 0) process.exitCode = 1;
  }
  console.log(`most resident memory: ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`);
}

if (isMainThread) await main();
else parentPort!.postMessage(await work(workerData as Job));
