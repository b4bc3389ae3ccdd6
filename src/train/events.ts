import type { Config } from '../config/config.js';
import type { ModelCorpus, TensorMask } from '../io/model-contents.js';
import type { WeightDigests } from './weight-digests.js';

/** Where in a run a step belongs. `task` is there when the phase trains one task alone. */
export interface Phase {
  readonly name: 'warmup' | 'prune' | 'train';
  readonly task: string | null;
  /** Pruning round from 0 (dense) or -1 outside pruning. */
  readonly round: number;
}

/** Dev scores (percent) by task, in the order of the config's tasks. */
export type Scores = readonly { readonly task: string; readonly score: number }[];

export interface TaskReport {
  readonly metric: 'accuracy' | 'f1';
  /** Percent; of the epoch that was chosen on dev. */
  readonly dev: number;
  readonly test: number | null;
  /** Kept prunable weights of this task's subnet. */
  readonly kept: number;
  /** The same as a fraction of the prunable weights. */
  readonly keptFraction: number;
  /** Chosen epoch of the final training, from 1. */
  readonly epoch: number;
  /** Chosen pruning round, or null where nothing was pruned. */
  readonly round: number | null;
}

/** What a run found out; the CLI adds times and memory. */
export interface TrainReport {
  readonly schema: 1;
  readonly fingerprint: string;
  /** SHA-256 of the sentences and labels of each split. */
  readonly corpora: readonly ModelCorpus[];
  /** SHA-256 of the kernel module that computed, the only field that may differ between hosts; null where it was given compiled. */
  readonly wasm: string | null;
  readonly sharing: Config['train']['sharing'];
  readonly seed: number;
  readonly tasks: Readonly<Record<string, TaskReport>>;
  /** Prunable weights of one encoder, and those that at least one task keeps. */
  readonly prunable: number;
  readonly union: number;
  /** Mask overlap ratio over all tasks, and what independent masks of these sizes would have by chance; null for one task. */
  readonly overlap: { readonly raw: number; readonly chance: number; readonly corrected: number } | null;
  /** Training steps and tokens run, all phases. */
  readonly steps: number;
  readonly tokens: number;
}

export type TrainEvent =
  | {
      readonly type: 'start';
      readonly config: Config;
      /** SHA-256 of the canonical config: equal recipes give equal models. */
      readonly recipe: string;
      readonly words: number;
      readonly characters: number;
      readonly parameters: number;
      readonly prunable: number;
      /** Training steps of the whole run, if no patience ends a phase early. */
      readonly totalSteps: number;
      /** Bytes of kernel memory, planned before the first step, by named region. */
      readonly memory: readonly { readonly name: string; readonly bytes: number }[];
    }
  | { readonly type: 'phase'; readonly phase: Phase; readonly epochs: number; readonly stepsPerEpoch: number; readonly kept: number }
  | {
      readonly type: 'step';
      readonly phase: Phase;
      readonly epoch: number;
      readonly task: string;
      /** Steps done in the whole run, this one included. */
      readonly step: number;
      readonly totalSteps: number;
      readonly loss: number;
      /** Tokens of this step. */
      readonly tokens: number;
    }
  | {
      readonly type: 'epoch';
      readonly phase: Phase;
      readonly epoch: number;
      readonly rate: number;
      /** Mean training loss by task. */
      readonly losses: Scores;
      readonly dev: Scores;
      /** This epoch is the best of its phase so far. */
      readonly best: boolean;
    }
  | { readonly type: 'round'; readonly task: string; readonly round: number; readonly kept: number; readonly dev: number }
  | { readonly type: 'subnet'; readonly task: string; readonly round: number; readonly kept: number; readonly dev: number | null }
  /** What the subnet of a task keeps from now on, tensor by tensor. */
  | {
      readonly type: 'masks';
      readonly task: string;
      readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[];
      readonly masks: readonly TensorMask[];
    }
  /**
   * State to resume from. `bytes()` makes a file of it; `parts()` the same file in pieces that are views of the weights and so
   * take no memory, to be written one after the other. Both are for use before the next event is asked for.
   */
  | { readonly type: 'checkpoint'; readonly step: number; bytes(): Uint8Array; parts(): readonly Uint8Array[] }
  /** The weights of the network in training after a step, each tensor as the model file would have it. */
  | { readonly type: 'digests'; readonly step: number; readonly tensors: readonly WeightDigests[] }
  | { readonly type: 'done'; readonly model: Uint8Array; readonly report: TrainReport };
