import { availableParallelism } from 'node:os';
import path from 'node:path';
import { ConfigError, ResourceError, runtimeInfo } from 'sparsetag';
import type { Arguments } from '../arguments.js';
import { type Command, DATA, JSON_OPTION } from '../command.js';
import { readCorpora } from '../corpus-files.js';
import { EXIT } from '../exit-codes.js';
import { execute, type Failure, nameOf } from '../experiment/execute.js';
import { type ExperimentPlan, readPlan } from '../experiment/plan.js';
import { drawCurves, formatResults } from '../experiment/report.js';
import { type FinishedRun, summarise } from '../experiment/results.js';
import { finishedReport, planRuns, type Run, RunConfigs } from '../experiment/runs.js';
import { testCounts } from '../experiment/test-counts.js';
import { displayName, makeFolder, reasonOf, writeFileAtomically } from '../files.js';
import type { Host } from '../host.js';
import type { RunReport } from '../run-folder.js';
import { RUNTIME_OPTIONS, runtimeOptionsOf } from '../runtime-options.js';
import { UsageError } from '../usage-error.js';

export const experiment: Command = {
  name: 'experiment',
  summary: 'train a grid of configs and seeds, and compare them',
  usage: 'FILE --out DIR [options]',
  description: `Trains every cell of an experiment file with every seed, several at a time, and writes to DIR: results.md and results.json (mean ±
sd over seeds, paired t and bootstrap, fingerprints and commands), pictures, and a run folder for each training. Finished
runs are used again, interrupted ones go on: the same command may be given at any time. docs/experiments.md describes the file.`,
  options: {
    out: { value: 'DIR', short: 'o', help: 'folder of the experiment' },
    jobs: { value: 'N', short: 'j', help: 'trainings at a time; default: as many as there are processors for their threads' },
    ...RUNTIME_OPTIONS,
    seeds: { value: 'N,N,...', help: "these seeds instead of the file's" },
    report: { help: 'train nothing; report on the runs that are finished' },
    data: DATA,
    json: { ...JSON_OPTION, help: 'write the results to standard output as JSON' },
  },
  takesSettings: true,
  positionals: [1, 1],
  examples: [
    ['sparsetag experiment examples/experiments/gum.json --out runs/gum', 'all of it; Ctrl-C and the same command: goes on'],
    ['sparsetag experiment my.json -o runs/my --seeds 1,2 --train.epochs=2', 'a quick look'],
    ['sparsetag experiment my.json -o runs/my --report', 'what is there so far'],
  ],
  async run(args, host) {
    const out = args.value('out');
    if (out === undefined) throw new UsageError('sparsetag experiment needs --out', `usage: sparsetag experiment ${experiment.usage}`);
    const { threads, kernels } = runtimeInfo(runtimeOptionsOf(args, host));
    const file = await readPlan(args.positionals[0]!);
    const plan = { ...file, seeds: seedsOf(args) ?? file.seeds };
    const data = args.value('data');
    const signal = host.interruptible();
    const folder = path.resolve(out);
    const runs = planRuns(plan, folder, args.settings);
    const configs = new RunConfigs(plan, data, signal);
    // What is wrong with any cell is said before the first training.
    for (const run of runs) if (run.seed === plan.seeds[0]) await requireConfig(run, configs);
    await makeFolder(folder).catch((cause: unknown) => {
      throw new ResourceError('RUN_FOLDER', `the folder ${displayName(folder)} cannot be made: ${reasonOf(cause)}`, { cause });
    });
    const jobs = jobsOf(args, threads);
    try {
      const { reports, failures } = args.has('report')
        ? { reports: await finishedOf(runs, configs, signal), failures: [] }
        : await execute(plan, runs, configs, { jobs, threads, kernels, data, signal, terminal: host.terminal });
      const finished = await withCounts(runs, reports, configs, signal);
      if (finished.length > 0) await write(plan, finished, folder, args, host);
      else host.note('no run is finished yet');
      return report(failures, host);
    } catch (error) {
      if (signal.aborted) host.note(`stopped; the same command goes on from what is in ${displayName(folder)}`);
      throw error;
    }
  },
};

/** @throws {ConfigError} that names the cell */
async function requireConfig(run: Run, configs: RunConfigs): Promise<void> {
  await configs.resolve(run).catch((cause: unknown) => {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new ConfigError(cause.code, `cell ${run.cell.name}: ${cause.message}`, { cause });
  });
}

function seedsOf(args: Arguments): number[] | null {
  const text = args.value('seeds');
  if (text === undefined) return null;
  const seeds = text.split(',').map(Number);
  if (/^\d+(,\d+)*$/.test(text) && seeds.every((seed) => seed <= 0xffffffff) && new Set(seeds).size === seeds.length) return seeds;
  throw new UsageError(`--seeds: expected different integers from 0, like 1,2,3; found ${text}`);
}

function jobsOf(args: Arguments, threads: number): number {
  const text = args.value('jobs') ?? 'auto';
  if (text === 'auto') return Math.max(1, Math.floor(availableParallelism() / threads));
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new UsageError(`--jobs: expected a number from 1, or auto; found ${text}`);
}

async function finishedOf(runs: readonly Run[], configs: RunConfigs, signal: AbortSignal): Promise<Map<Run, RunReport>> {
  const reports = new Map<Run, RunReport>();
  for (const run of runs) {
    signal.throwIfAborted();
    const found = await finishedReport(run, configs);
    if (found && found !== 'stale') reports.set(run, found);
  }
  return reports;
}

async function withCounts(
  runs: readonly Run[],
  reports: ReadonlyMap<Run, RunReport>,
  configs: RunConfigs,
  signal: AbortSignal,
): Promise<FinishedRun[]> {
  const corpora = new Map<string, ReturnType<typeof readCorpora>>();
  const finished: FinishedRun[] = [];
  for (const run of runs) {
    signal.throwIfAborted();
    const found = reports.get(run);
    if (!found) continue;
    const config = await configs.resolve(run);
    const hasTest = config.tasks.every((task) => config.corpora.find(({ name }) => name === task.corpus)!.test !== null);
    const key = JSON.stringify([config.corpora, config.tasks]);
    if (!corpora.has(key)) corpora.set(key, readCorpora(config));
    finished.push({ run, report: found, counts: hasTest ? await testCounts(run, found, config, await corpora.get(key)!) : null });
  }
  return finished;
}

async function write(plan: ExperimentPlan, finished: readonly FinishedRun[], folder: string, args: Arguments, host: Host): Promise<void> {
  const results = summarise(plan, finished, (text) => text.replaceAll(`${process.cwd()}${path.sep}`, ''));
  const pictures = drawCurves(plan, results);
  const markdown = formatResults(results, [...pictures.keys()]);
  for (const [name, picture] of pictures) await writeFileAtomically(path.join(folder, name), picture);
  await writeFileAtomically(path.join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  await writeFileAtomically(path.join(folder, 'results.md'), markdown);
  host.note(`results: ${displayName(path.join(folder, 'results.md'))}`);
  await host.write(args.has('json') ? `${JSON.stringify(results)}\n` : markdown.slice(0, markdown.indexOf('## Runs')));
}

function report(failures: readonly Failure[], host: Host): 0 | 1 {
  for (const { run, reason } of failures) host.note(`failed: ${nameOf(run)}: ${reason}`);
  return failures.length === 0 ? EXIT.ok : EXIT.failed;
}
