import type { RunReport } from '../run-folder.js';
import type { ExperimentPlan } from './plan.js';
import { commandOf, type Run } from './runs.js';
import { type Bootstrap, pairedBootstrap, pairedT, type SentenceCounts, type Spread, spreadOf } from './statistics.js';

/** A finished run with what its model did on each test sentence; none where there is no test split. */
export interface FinishedRun {
  readonly run: Run;
  readonly report: RunReport;
  readonly counts: ReadonlyMap<string, SentenceCounts> | null;
}

export interface TaskResult {
  readonly task: string;
  readonly metric: 'accuracy' | 'f1';
  /** Percent, over seeds. */
  readonly dev: Spread;
  readonly test: Spread | null;
  /** Kept fraction of the prunable weights. */
  readonly kept: Spread;
}

export interface CellResult {
  readonly cell: string;
  readonly seeds: readonly number[];
  readonly tasks: readonly TaskResult[];
  /** Mean over tasks, spread over seeds. */
  readonly meanDev: Spread;
  readonly meanTest: Spread | null;
  readonly overlap: { readonly raw: Spread; readonly corrected: Spread } | null;
  /** Fraction of the prunable weights of one encoder that some task keeps; null where each task has an encoder of its own. */
  readonly union: Spread | null;
  readonly steps: Spread;
  readonly tokens: Spread;
}

/** Test scores of two cells, seed by seed: the first minus the second, in points. */
export interface Comparison {
  readonly cells: readonly [string, string];
  readonly task: string;
  readonly difference: Spread;
  readonly t: { readonly t: number; readonly p: number } | null;
  readonly bootstrap: Bootstrap | null;
}

export interface RunResult {
  readonly cell: string;
  readonly seed: number;
  readonly fingerprint: string;
  readonly command: string;
}

export interface ExperimentResults {
  readonly schema: 1;
  readonly name: string;
  readonly about: string;
  readonly cells: readonly CellResult[];
  readonly comparisons: readonly Comparison[];
  readonly runs: readonly RunResult[];
}

/** @param display how paths are written in commands */
export function summarise(plan: ExperimentPlan, finished: readonly FinishedRun[], display: (text: string) => string): ExperimentResults {
  const bySeed = (cell: string): FinishedRun[] => finished.filter(({ run }) => run.cell.name === cell);
  // In the order of the file's cells, whatever order they were run in.
  const cells = plan.cells.map(({ name }) => name).filter((name) => bySeed(name).length > 0);
  return {
    schema: 1,
    name: plan.name,
    about: plan.about,
    cells: cells.map((cell) => cellResult(cell, bySeed(cell))),
    comparisons: plan.compare.flatMap(([a, b]) => compare(a, b, bySeed(a), bySeed(b))),
    runs: cells.flatMap((cell) =>
      bySeed(cell).map(({ run, report }) => ({
        cell,
        seed: run.seed,
        fingerprint: report.fingerprint,
        command: `sparsetag ${commandOf(plan, run).map(display).map(quoted).join(' ')}`,
      })),
    ),
  };
}

/** An argument as a shell takes it. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

function cellResult(cell: string, runs: readonly FinishedRun[]): CellResult {
  const reports = runs.map(({ report }) => report);
  const over = (value: (report: RunReport) => number): Spread => spreadOf(reports.map(value));
  const names = Object.keys(reports[0]!.tasks);
  const mean = (part: 'dev' | 'test') => (report: RunReport) =>
    names.reduce((sum, name) => sum + report.tasks[name]![part]!, 0) / names.length;
  const hasTest = names.every((name) => reports.every(({ tasks }) => tasks[name]!.test !== null));
  const hasOverlap = reports.every(({ overlap }) => overlap !== null);
  return {
    cell,
    seeds: runs.map(({ run }) => run.seed),
    tasks: names.map((task) => ({
      task,
      metric: reports[0]!.tasks[task]!.metric,
      dev: over(({ tasks }) => tasks[task]!.dev),
      test: hasTest ? over(({ tasks }) => tasks[task]!.test!) : null,
      kept: over(({ tasks }) => tasks[task]!.keptFraction),
    })),
    meanDev: over(mean('dev')),
    meanTest: hasTest ? over(mean('test')) : null,
    overlap: hasOverlap ? { raw: over(({ overlap }) => overlap!.raw), corrected: over(({ overlap }) => overlap!.corrected) } : null,
    union: reports[0]!.sharing === 'single' || reports[0]!.sharing === 'subnet' ? null : over(({ union, prunable }) => union / prunable),
    steps: over(({ steps }) => steps),
    tokens: over(({ tokens }) => tokens),
  };
}

/** Over the seeds that both cells have; tasks that both have. */
function compare(a: string, b: string, first: readonly FinishedRun[], second: readonly FinishedRun[]): Comparison[] {
  const pairs = first.flatMap((one) => second.filter(({ run }) => run.seed === one.run.seed).map((other) => [one, other] as const));
  if (pairs.length === 0) return [];
  const tasks = Object.keys(pairs[0]![0].report.tasks).filter((task) => task in pairs[0]![1].report.tasks);
  return tasks.flatMap((task) => {
    const tests = pairs.map((pair) => pair.map(({ report }) => report.tasks[task]!.test));
    if (tests.some((pair) => pair.includes(null))) return [];
    const differences = tests.map(([one, other]) => one! - other!);
    const counts = pairs.map(([one, other]) => [one.counts?.get(task), other.counts?.get(task)] as const);
    const complete = counts.every((pair): pair is [SentenceCounts, SentenceCounts] => pair.every((of) => of !== undefined));
    return {
      cells: [a, b] as const,
      task,
      difference: spreadOf(differences),
      t: pairedT(differences),
      bootstrap: complete ? pairedBootstrap(counts as [SentenceCounts, SentenceCounts][]) : null,
    };
  });
}
