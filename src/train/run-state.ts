import { ModelFileError } from '../errors.js';
import type { Scores } from './events.js';
import type { OptimizerState } from './optimizer.js';
import { misfit, type Packed, type Shape } from './shape.js';

/** Weights of a network, out of kernel memory. */
export interface Weights {
  readonly parameters: Float32Array;
  readonly words: Float32Array;
}

/** A subnet that pruning has found for a task. */
export interface Candidate {
  readonly task: number;
  readonly round: number;
  readonly kept: number;
  /** Dev score of its own training; null where `prune.select` made that training needless. */
  readonly dev: number | null;
  readonly mask: Uint32Array;
}

/** The best epoch of a phase so far, by mean dev score. */
export interface Best {
  readonly epoch: number;
  readonly mean: number;
  readonly scores: Scores;
}

/** Training losses of a task since an epoch began. */
export interface LossSum {
  sum: number;
  steps: number;
}

/** Where a run stands between two steps; with the planes of weights, all there is to resume from. */
export interface RunPosition {
  phase: number;
  /** Epochs done in the phase, scores included; -1: the phase has not begun. */
  epoch: number;
  /** Steps done in the phase. */
  phaseSteps: number;
  /** Steps done in the epoch that is not done, and their losses by task of the phase. */
  epochSteps: number;
  losses: readonly LossSum[];
  best: Best | null;
  sinceBest: number;
}

/** All state of a run that has begun a phase. */
export interface RunState {
  readonly position: RunPosition;
  readonly current: Weights;
  readonly optimizer: OptimizerState;
  /** Where rounds begin, if that is the end of the warm-up and it is over. */
  readonly warm: Weights | null;
  readonly best: Weights | null;
  readonly masks: readonly (Uint32Array | null)[];
  readonly candidates: readonly Candidate[];
}

/** The sizes that a network and its optimiser give the state of a run. */
export interface StateSizes {
  readonly parameters: number;
  readonly words: number;
  readonly optimizerPlanes: readonly number[];
  readonly maskWords: number;
  /** Tasks with a head in the network. */
  readonly heads: number;
  /** Of each phase: the names of its tasks, the most steps it can take, the subnets that it ends with, and whether it has a best epoch. */
  readonly phases: readonly {
    readonly tasks: readonly string[];
    readonly steps: number;
    readonly finds: readonly Pick<Candidate, 'task' | 'round'>[];
    readonly isScored: boolean;
  }[];
}

const BEST: Shape = {
  fields: { epoch: 'count', mean: 'number', scores: { listOf: { fields: { task: 'text', score: 'number' } } } },
};

/** @throws {ModelFileError} CHECKPOINT_STATE where a state is none of a run of these sizes */
export function checkRunState(state: RunState, sizes: StateSizes): void {
  const found = misfit(state as unknown as Packed, shapeOf(sizes)) ?? misfitOfPlace(state, sizes);
  if (found === null) return;
  throw new ModelFileError(
    'CHECKPOINT_STATE',
    `the state in the checkpoint is not one of this run: ${found}; go on from another checkpoint, or begin anew`,
  );
}

function shapeOf({ parameters, words, maskWords, heads }: StateSizes): Shape {
  const weights: Shape = { fields: { parameters: { array: 'F32', length: parameters }, words: { array: 'F32', length: words } } };
  const mask: Shape = { array: 'U32', length: maskWords };
  const position: Shape = {
    fields: {
      phase: 'count',
      epoch: 'count',
      phaseSteps: 'count',
      epochSteps: 'count',
      losses: { listOf: { fields: { sum: 'number', steps: 'count' } } },
      best: { orNull: BEST },
      sinceBest: 'count',
    },
  };
  return {
    fields: {
      position,
      current: weights,
      optimizer: { fields: { planes: { listOf: { array: 'F32' } }, steps: 'count', taskSteps: { listOf: 'count', length: heads } } },
      warm: { orNull: weights },
      best: { orNull: weights },
      masks: { listOf: { orNull: mask }, length: heads },
      candidates: { listOf: { fields: { task: 'count', round: 'count', kept: 'count', dev: { orNull: 'number' }, mask } } },
    },
  };
}

function misfitOfPlace({ position, optimizer, best, candidates }: RunState, { phases, optimizerPlanes }: StateSizes): string | null {
  const { phaseSteps, epochSteps, losses } = position;
  const phase = phases[position.phase];
  if (!phase || phaseSteps > phase.steps || epochSteps > phaseSteps || losses.length !== phase.tasks.length)
    return '.position lies outside the run';
  if (optimizer.steps !== phaseSteps) return '.optimizer.steps are not those of the phase';
  const found = phases.slice(0, position.phase).flatMap(({ finds }) => finds);
  if (
    found.length !== candidates.length ||
    found.some(({ task, round }, i) => task !== candidates[i]!.task || round !== candidates[i]!.round)
  )
    return '.candidates are not those of the rounds before';
  const isOver = phaseSteps === phase.steps && epochSteps === 0;
  const scored = position.best?.scores.map(({ task }) => task);
  const isBest = scored ? best !== null && scored.join() === phase.tasks.join() : best === null && !(isOver && phase.isScored);
  if (!isBest) return '.best is not that of the epochs before';
  const { planes } = optimizer;
  const fits = planes.length === optimizerPlanes.length && planes.every(({ length }, i) => length === optimizerPlanes[i]);
  return fits ? null : '.optimizer.planes are not those of the network';
}
