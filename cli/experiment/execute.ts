import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { KernelChoice } from 'sparsetag';
import { formatDuration } from '../render/quantity.js';
import { StatusLine } from '../render/status-line.js';
import type { Terminal } from '../render/terminal.js';
import type { RunReport } from '../run-folder.js';
import type { ExperimentPlan } from './plan.js';
import { commandOf, finishedReport, type Run, type RunConfigs } from './runs.js';

export interface Failure {
  readonly run: Run;
  readonly reason: string;
}

export interface Outcome {
  readonly reports: ReadonlyMap<Run, RunReport>;
  readonly failures: readonly Failure[];
}

export interface ExecuteOptions {
  /** Trainings at a time. */
  readonly jobs: number;
  /** Of each training. */
  readonly threads: number;
  readonly kernels: KernelChoice;
  readonly data: string | undefined;
  readonly signal: AbortSignal;
  readonly terminal: Terminal | null;
}

const COMMAND = fileURLToPath(new URL('./cli.js', import.meta.url));

/**
 * Runs what is not there yet, `jobs` trainings at a time, each in a process of its own; a run waits for the one it takes
 * masks from. A finished folder is used again if it holds what the plan asks for; one of other settings or data is replaced.
 * What was interrupted goes on from its checkpoint. A run that fails is reported, the others go on.
 */
export async function execute(
  plan: ExperimentPlan,
  runs: readonly Run[],
  configs: RunConfigs,
  { jobs, threads, kernels, data, signal, terminal }: ExecuteOptions,
): Promise<Outcome> {
  const reports = new Map<Run, RunReport>();
  const failures: Failure[] = [];
  const settled = new Map<Run, Promise<void>>();
  const progress = new Progress(runs.length, terminal);
  const slots = new Slots(jobs);

  const settle = async (run: Run): Promise<void> => {
    if (run.source) {
      await settled.get(run.source);
      if (!reports.has(run.source)) {
        failures.push({ run, reason: `the run it takes masks from (${nameOf(run.source)}) failed` });
        return;
      }
    }
    const found = await finishedReport(run, configs);
    if (found && found !== 'stale') {
      reports.set(run, found);
      progress.reused();
      return;
    }
    if (found === 'stale') progress.note(`${nameOf(run)}: the folder holds a run of other settings or data; it is made anew`);
    await slots.use(async () => {
      signal.throwIfAborted();
      progress.begin(run);
      const args = [...commandOf(plan, run), ...(data === undefined ? [] : ['--data', data]), found === 'stale' ? '--force' : '--resume'];
      const reason = await train([...args, '--threads', `${threads}`, '--kernels', kernels, '--json', '--quiet'], signal);
      const report = reason === null ? await finishedReport(run, configs) : null;
      if (report && report !== 'stale') reports.set(run, report);
      else failures.push({ run, reason: reason ?? 'the run ended without its report' });
      progress.end(run, report === 'stale' ? null : report);
    });
  };
  try {
    for (const run of runs) settled.set(run, settle(run));
    // Every run is waited for, so that none is left behind when one throws.
    const results = await Promise.allSettled(settled.values());
    const thrown = results.find((result) => result.status === 'rejected');
    if (thrown) throw thrown.reason;
  } finally {
    progress.clear();
  }
  return { reports, failures };
}

export function nameOf({ cell, seed }: Run): string {
  return `${cell.name}, seed ${seed}`;
}

/** Trains in a child process; gives what it said when it failed, null when it did not. */
async function train(args: readonly string[], signal: AbortSignal): Promise<string | null> {
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000);
  });
  const reason = await new Promise<string | null>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, killed) =>
      resolve(code === 0 ? null : said.trim().split('\n')[0] || `it ended with ${killed ?? `status ${code}`}`),
    );
  });
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  return reason;
}

/** At most so many at a time, in the order in which they came. */
class Slots {
  readonly #waiting: (() => void)[] = [];

  constructor(private free: number) {}

  async use(work: () => Promise<void>): Promise<void> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.free++;
    }
  }
}

/** What a person sees meanwhile: a line a finished run, and one that counts. */
class Progress {
  readonly #line: StatusLine;
  readonly #running = new Map<Run, number>();
  #seconds = 0;
  #made = 0;
  #reused = 0;

  constructor(
    private readonly total: number,
    terminal: Terminal | null,
  ) {
    this.#line = new StatusLine(terminal);
  }

  reused(): void {
    this.#reused++;
    this.#show();
  }

  begin(run: Run): void {
    this.#running.set(run, performance.now());
    this.#show();
  }

  end(run: Run, report: RunReport | null): void {
    const seconds = (performance.now() - this.#running.get(run)!) / 1000;
    this.#running.delete(run);
    this.#seconds += seconds;
    this.#made++;
    const scores = report && Object.entries(report.tasks).map(([task, { dev }]) => `${task} ${dev.toFixed(2)}`);
    this.#line.print(`${nameOf(run)}: ${scores ? `dev ${scores.join(', ')}` : 'failed'} (${formatDuration(seconds)})`);
    this.#show();
  }

  note(text: string): void {
    this.#line.print(text);
  }

  clear(): void {
    this.#line.clear();
  }

  #show(): void {
    this.#line.update(() => {
      const done = this.#made + this.#reused;
      const left = this.total - done;
      const pace = this.#made > 0 && this.#running.size > 0 ? (this.#seconds / this.#made) * (left / this.#running.size) : null;
      const names = [...this.#running.keys()].map(nameOf).join(' · ');
      return `${done} of ${this.total} runs${pace === null ? '' : `, about ${formatDuration(pace)} left`}${names ? `; now ${names}` : ''}`;
    });
  }
}
