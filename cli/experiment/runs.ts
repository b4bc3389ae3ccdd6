import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type CanonicalConfig, type Config, canonicalConfig, canonicalJson, contentHashes, type Override } from 'sparsetag';
import { readConfig } from '../config-file.js';
import { readConfigVectors, readCorpora } from '../corpus-files.js';
import { RUN_FILES, type RunReport } from '../run-folder.js';
import { parseTrace, recipeHash } from '../trace.js';
import type { Cell, ExperimentPlan } from './plan.js';

/** One training of an experiment: a cell with a seed, in a folder as `sparsetag train` makes it. */
export interface Run {
  readonly cell: Cell;
  readonly seed: number;
  readonly folder: string;
  /** Run whose model this one takes its masks from. */
  readonly source: Run | null;
  /** Settings that the command line gives on top of the base config. */
  readonly overrides: readonly Override[];
}

/** Every run of a plan, seed by seed, those that others need first. */
export function planRuns(plan: ExperimentPlan, out: string, common: readonly Override[]): Run[] {
  const made = new Map<string, Run>();
  const runOf = (cell: Cell, seed: number): Run => {
    const key = `${cell.name} ${seed}`;
    const known = made.get(key);
    if (known) return known;
    const source = sourceOf(cell, seed);
    const masks: Override[] = source ? [['subnets.file', path.join(source.folder, 'model.safetensors')]] : [];
    const folder = path.join(out, 'cells', cell.name, `seed-${seed}`);
    const run = { cell, seed, folder, source, overrides: [...cell.overrides, ...common, ...masks, ['seed', `${seed}`] as const] };
    made.set(key, run);
    return run;
  };
  const sourceOf = ({ masks }: Cell, seed: number): Run | null => {
    if (!masks) return null;
    const cell = plan.cells.find(({ name }) => name === masks.cell)!;
    const place = plan.seeds.indexOf(seed) + (masks.seed === 'next' ? 1 : 0);
    return runOf(cell, plan.seeds[place % plan.seeds.length]!);
  };
  for (const seed of plan.seeds) for (const cell of plan.cells) runOf(cell, seed);
  return [...made.values()];
}

/** The command that makes a run. */
export function commandOf(plan: ExperimentPlan, { overrides, folder }: Run): string[] {
  return ['train', '--config', plan.base, '--out', folder, ...overrides.map(([setting, value]) => `--${setting}=${value}`)];
}

/**
 * What runs are made from, resolved to content: tells whether a folder holds a run as the experiment file has it now.
 * Corpora and vectors are read and hashed once for all runs that share them.
 */
export class RunConfigs {
  readonly #hashes = new Map<string, Promise<ReadonlyMap<string, string>>>();

  constructor(
    private readonly plan: ExperimentPlan,
    private readonly data: string | undefined,
    private readonly signal: AbortSignal,
  ) {}

  /** @throws {ConfigError} for settings of the cell that are wrong */
  resolve(run: Run): Promise<Config> {
    return readConfig(this.plan.base, run.overrides, this.data);
  }

  /** @param subnets fingerprint of the model that the run takes masks from */
  async canonical(run: Run, subnets: string | null): Promise<CanonicalConfig> {
    const config = await this.resolve(run);
    const key = JSON.stringify([config.corpora, config.vectors, config.tasks.map(({ corpus, column }) => [corpus, column])]);
    const known = this.#hashes.get(key) ?? this.#hash(config);
    this.#hashes.set(key, known);
    return canonicalConfig(config, new Map([...(await known), [config.subnets.file ?? '', subnets ?? '']]));
  }

  async #hash(config: Config): Promise<ReadonlyMap<string, string>> {
    return contentHashes(config, await readCorpora(config), await readConfigVectors(config, this.signal), null);
  }
}

/** The report of a finished run, or null; `stale` where the folder holds a run, finished or not, of another config or other data. */
export async function finishedReport(run: Run, configs: RunConfigs): Promise<RunReport | 'stale' | null> {
  const [report, config] = await Promise.all([readJson(run.folder, RUN_FILES.report), readJson(run.folder, RUN_FILES.config)]);
  const model = await readFile(path.join(run.folder, RUN_FILES.model)).catch(() => null);
  const isFinished = report !== null && config !== null && model !== null;
  const recipe = isFinished ? recipeHash(canonicalJson(config)) : await recipeBegun(run.folder);
  if (recipe === null) return null;
  const source = run.source && ((await readJson(run.source.folder, RUN_FILES.report)) as RunReport | null);
  if (run.source && !source) return 'stale';
  if (recipeHash(canonicalJson(await configs.canonical(run, source?.fingerprint ?? null))) !== recipe) return 'stale';
  return isFinished ? (report as RunReport) : null;
}

/** The recipe of a run that has begun, as its trace has it in the first line. */
async function recipeBegun(folder: string): Promise<string | null> {
  try {
    const [first] = (await readFile(path.join(folder, RUN_FILES.trace), 'utf8')).split('\n', 1);
    return parseTrace(first!, RUN_FILES.trace).recipe;
  } catch {
    return null;
  }
}

async function readJson(folder: string, name: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path.join(folder, name), 'utf8'));
  } catch {
    return null;
  }
}
