import type { Config, OptimizerConfig, Sharing } from '../config/config.js';
import { ConfigError } from '../errors.js';
import type { Phase } from './events.js';

/** One training of a network: which tasks, for how long, with what optimiser. */
export interface PlannedPhase {
  readonly phase: Phase;
  /** Place in the plan of all tasks; keys the phase's random numbers. */
  readonly ordinal: number;
  /** Tasks of the network that take part, by their index in the config. */
  readonly tasks: readonly number[];
  readonly optimizer: OptimizerConfig;
  readonly epochs: number;
  /** Budget in steps instead of epochs; 0: epochs. */
  readonly steps: number;
  readonly patience: number;
}

/** What one network of a run is for, as indices of tasks in the config. */
export interface NetworkPlan {
  /** Tasks that have a head in it. */
  readonly heads: readonly number[];
  /** Those of them that it is trained for in the end. */
  readonly finished: readonly number[];
}

/** The networks of a run: one a task, or one for all. Subnets trained alone have their warm-up with all tasks first. */
export function planNetworks(sharing: Sharing, tasks: number): NetworkPlan[] {
  const all = Array.from({ length: tasks }, (_, task) => task);
  switch (sharing) {
    case 'single':
      return all.map((task) => ({ heads: [task], finished: [task] }));
    case 'subnet':
      return all.map((task) => ({ heads: all, finished: [task] }));
    default:
      return [{ heads: all, finished: all }];
  }
}

/** Whether the tasks of a run have subnets: found by pruning, or given. */
export function hasSubnets(config: Config): boolean {
  return config.train.sharing === 'sparse' || config.train.sharing === 'subnet';
}

/** Whether a run looks for its subnets itself. */
export function isPruned(config: Config): boolean {
  return hasSubnets(config) && config.subnets.file === null;
}

/** The phases of one network, in order. */
export function planPhases(config: Config, { heads, finished }: NetworkPlan, keepCounts: readonly number[]): PlannedPhase[] {
  const { train, warmup, prune } = config;
  const joint: PlannedPhase = {
    phase: { name: 'train', task: finished.length === 1 ? config.tasks[finished[0]!]!.name : null, round: -1 },
    ordinal: 0,
    tasks: finished,
    optimizer: train.optimizer,
    epochs: train.epochs,
    steps: 0,
    patience: train.patience,
  };
  if (!hasSubnets(config)) return [joint];
  const phases: PlannedPhase[] = [];
  if (warmup.epochs > 0 || warmup.steps > 0) {
    const { epochs, steps } = warmup;
    phases.push({ ...joint, phase: { name: 'warmup', task: null, round: -1 }, tasks: heads, epochs, steps, patience: 0 });
  }
  // A fixed round needs no training beyond the one that its mask comes from.
  const lastRound = prune.select === 'dev' ? keepCounts.length : prune.select - 1;
  for (const task of isPruned(config) ? heads : []) {
    for (let round = 0; round <= lastRound; round++) {
      phases.push({
        phase: { name: 'prune', task: config.tasks[task]!.name, round },
        ordinal: 0,
        tasks: [task],
        optimizer: prune.optimizer,
        epochs: prune.epochs,
        steps: prune.steps,
        patience: prune.patience,
      });
    }
  }
  return [...phases, joint]
    .map((planned, ordinal) => ({ ...planned, ordinal }))
    .filter(({ phase, tasks }) => phase.name !== 'prune' || finished.includes(tasks[0]!));
}

/** @param sentences training sentences of each task, by its index in the config */
export function stepsPerEpoch(tasks: readonly number[], sentences: readonly number[], batchSize: number): number {
  return tasks.reduce((sum, task) => sum + Math.ceil(sentences[task]! / batchSize), 0);
}

/** Training steps of a phase if no patience ends it early. */
export function plannedSteps({ steps, epochs, tasks }: PlannedPhase, sentences: readonly number[], batchSize: number): number {
  return steps > 0 ? steps : epochs * stepsPerEpoch(tasks, sentences, batchSize);
}

/**
 * Weights kept after each pruning round: the explicit list, or `rate` of what is still kept pruned each time (rounded
 * half to even, as the reference does), down to `minimumKept` of all.
 * @throws {ConfigError} CONFIG_KEEP_SCHEDULE
 */
export function keepSchedule(prune: Config['prune'], prunable: number): number[] {
  const counts: number[] = [];
  let kept = prunable;
  const rounds = prune.keep.length > 0 ? prune.keep.length : prune.rounds;
  for (let round = 0; round < rounds; round++) {
    const wanted = prune.keep[round];
    const next = wanted === undefined ? kept - roundHalfEven(prune.rate * kept) : keptCount(wanted, prunable);
    if (next > kept || next < 0) {
      throw new ConfigError(
        'CONFIG_KEEP_SCHEDULE',
        `prune.keep[${round}] asks for ${next} weights, but only ${kept} of ${prunable} are left; list falling numbers`,
      );
    }
    if (next < prune.minimumKept * prunable) break;
    counts.push(next);
    kept = next;
  }
  if (counts.length === 0) {
    throw new ConfigError(
      'CONFIG_KEEP_SCHEDULE',
      'no pruning round is left: prune.rounds is 0 or prune.minimumKept is above the first round',
    );
  }
  if (typeof prune.select === 'number' && prune.select > counts.length) {
    throw new ConfigError('CONFIG_KEEP_SCHEDULE', `prune.select asks for round ${prune.select}, but the schedule has ${counts.length}`);
  }
  return counts;
}

/** Weights that `keep` asks for, itself such a number (> 1) or a fraction of `prunable`. */
export function keptCount(keep: number, prunable: number): number {
  return keep > 1 ? keep : roundHalfEven(keep * prunable);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
