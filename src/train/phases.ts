import type { Config, OptimizerConfig } from '../config/config.js';
import { ConfigError } from '../errors.js';
import type { Phase } from './events.js';

/** One training of a network: which tasks, for how long, with what optimiser. */
export interface PlannedPhase {
  readonly phase: Phase;
  /** Tasks of the network that take part, by their index in the config. */
  readonly tasks: readonly number[];
  readonly optimizer: OptimizerConfig;
  readonly epochs: number;
  /** Budget in steps instead of epochs; 0: epochs. */
  readonly steps: number;
  readonly patience: number;
}

/** The phases of one network, in order; their place in the list keys their random numbers. */
export function planPhases(config: Config, tasks: readonly number[], keepCounts: readonly number[]): PlannedPhase[] {
  const { train, warmup, prune } = config;
  const joint: PlannedPhase = {
    phase: { name: 'train', task: null, round: -1 },
    tasks,
    optimizer: train.optimizer,
    epochs: train.epochs,
    steps: 0,
    patience: train.patience,
  };
  if (train.sharing !== 'sparse')
    return [{ ...joint, phase: { ...joint.phase, task: tasks.length === 1 ? config.tasks[tasks[0]!]!.name : null } }];
  const phases: PlannedPhase[] = [];
  if (warmup.epochs > 0 || warmup.steps > 0) {
    phases.push({ ...joint, phase: { name: 'warmup', task: null, round: -1 }, epochs: warmup.epochs, steps: warmup.steps, patience: 0 });
  }
  // A fixed round needs no training beyond the one that its mask comes from.
  const lastRound = prune.select === 'dev' ? keepCounts.length : prune.select - 1;
  for (const task of tasks) {
    for (let round = 0; round <= lastRound; round++) {
      phases.push({
        phase: { name: 'prune', task: config.tasks[task]!.name, round },
        tasks: [task],
        optimizer: prune.optimizer,
        epochs: prune.epochs,
        steps: prune.steps,
        patience: prune.patience,
      });
    }
  }
  return [...phases, joint];
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
    const next = wanted === undefined ? kept - roundHalfEven(prune.rate * kept) : wanted > 1 ? wanted : roundHalfEven(wanted * prunable);
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

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
