// What a run is: every setting with its type. Defaults are in defaults.ts, checks in validate.ts.
// Names and constants follow the reference (docs/method.md); "reference" below is the authors' public code.

export type Sharing = 'single' | 'hard' | 'hierarchical' | 'sparse' | 'subnet';
/** Where labels are: a column of the file by number or name, or `@position`, made from the tokens' places. */
export type LabelColumn = number | string;
/** How a corpus file is written; `auto`: by the end of its name. */
export type CorpusFormat = 'auto' | 'conll' | 'conll2000' | 'conll2003' | 'conllu' | 'jsonl';
export type TagScheme = 'bio' | 'iob1' | 'bioes';

export interface CorpusConfig {
  readonly name: string;
  readonly train: string;
  readonly dev: string;
  /** `null`: the run has no test split and reports dev only. */
  readonly test: string | null;
  readonly format: CorpusFormat;
  /** Column of the token, from 0 (CoNLL columns). */
  readonly tokenColumn: number;
}

export interface TaskConfig {
  readonly name: string;
  /** Name of the corpus that has this task's labels; default: the first corpus. */
  readonly corpus: string;
  /** Column of the labels, from 0, or its name; `@position`: the label of a token is its place in the sentence, from 0. */
  readonly column: LabelColumn;
  /** `tags`: any label a token, scored by accuracy. `spans`: labels are a tag scheme, scored by span F1. */
  readonly type: 'tags' | 'spans';
  /** Scheme of the labels in the file (`spans` only). */
  readonly scheme: TagScheme;
  /** Scheme that the model learns (`spans` only). */
  readonly modelScheme: 'bio' | 'bioes';
  readonly head: 'softmax' | 'crf';
  /** CRF: learn scores of the first and the last tag; `false` is the reference. */
  readonly startEnd: boolean;
  /** BiLSTM layer that the head reads, from 1 (`hierarchical` sharing only). */
  readonly layer: 'top' | number;
}

export interface VectorsConfig {
  /** GloVe or word2vec text file; `null`: random rows. */
  readonly file: string | null;
  /** Read at most this many vectors (files list frequent words first); 0 = all. */
  readonly limit: number;
  /** Rows for words of dev and test that have a vector but are not in train (reference: yes). */
  readonly extend: boolean;
}

export interface ModelConfig {
  readonly wordDimension: number;
  readonly lowercase: boolean;
  /** 0 switches the character path off. */
  readonly charDimension: number;
  readonly charFilters: number;
  readonly charWidth: number;
  readonly charOutput: number;
  /** Characters rarer than this among the train word types are unknown. */
  readonly minimumCharCount: number;
  readonly layers: number;
  /** Hidden units per direction. */
  readonly hidden: number;
  readonly dropout: {
    readonly word: number;
    readonly charEmbedding: number;
    readonly charOutput: number;
    readonly output: number;
  };
  /** Probability that a word's row is replaced by the unknown row while training. */
  readonly wordDropout: number;
}

export interface OptimizerConfig {
  readonly type: 'sgd' | 'adam';
  readonly rate: number;
  /** `inverse`: rate / (1 + decay * (epoch - 1)); `constant`. */
  readonly schedule: 'inverse' | 'constant';
  readonly decay: number;
  readonly momentum: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** `norm`: global L2 norm over kept entries; `value`: each entry. */
  readonly clip: 'norm' | 'value' | 'none';
  readonly clipAt: number;
}

export interface TrainConfig {
  readonly sharing: Sharing;
  readonly epochs: number;
  /** Sentences in a batch. */
  readonly batchSize: number;
  /** `similar`: shuffled batches of sentences of similar length; `random`: uniformly drawn. */
  readonly batching: 'similar' | 'random';
  /** `masked`: weight and velocity move only where the task's mask keeps them; `coasting`: the reference. */
  readonly momentumMode: 'masked' | 'coasting';
  readonly taskOrder: 'round-robin' | 'proportional' | 'uniform';
  /** Stop after this many epochs without a better dev score; 0 = never. */
  readonly patience: number;
  readonly optimizer: OptimizerConfig;
}

export interface WarmupConfig {
  /** Multi-task warm-up before pruning, in epochs or in steps (one of the two is 0; both 0: none). */
  readonly epochs: number;
  readonly steps: number;
}

export interface PruneConfig {
  /** Fraction of the still kept weights that each round prunes. */
  readonly rate: number;
  readonly rounds: number;
  /** Explicit schedule instead of rate and rounds: numbers > 1 are weights kept, numbers <= 1 fractions. */
  readonly keep: readonly number[];
  /** Stop before a round that would keep a smaller fraction than this (S in the paper). */
  readonly minimumKept: number;
  /** After each round the weights go back to the state before (`initial`) or after (`warmup`) the warm-up. */
  readonly rewind: 'initial' | 'warmup';
  /** Budget of one round, in epochs or in steps (one of the two is 0). */
  readonly epochs: number;
  readonly steps: number;
  readonly patience: number;
  /** Which round's subnet a task gets: the best on dev, or a fixed round (from 1). */
  readonly select: 'dev' | number;
  /** Optimiser of the pruning rounds. */
  readonly optimizer: OptimizerConfig;
}

export interface SubnetsConfig {
  /** Model file whose masks are taken instead of pruning; `null`: prune. */
  readonly file: string | null;
  /**
   * Controls, made from the masks that pruning or `file` gives: `next-task` gives each task the mask of the next one,
   * `random` draws masks of equal sizes, `random-overlap` masks of equal sizes and equal overlaps.
   */
  readonly masks: 'own' | 'next-task' | 'random' | 'random-overlap';
  /** `reinitialised`: the subnets start from other initial values than those the masks were found with. */
  readonly weights: 'rewound' | 'reinitialised';
}

export interface Config {
  /** 0 .. 2^32 - 1 */
  readonly seed: number;
  readonly corpora: readonly CorpusConfig[];
  readonly tasks: readonly TaskConfig[];
  readonly vectors: VectorsConfig;
  readonly model: ModelConfig;
  readonly train: TrainConfig;
  readonly warmup: WarmupConfig;
  readonly prune: PruneConfig;
  readonly subnets: SubnetsConfig;
}
