import type { Config, OptimizerConfig } from './config.js';

// The one table of settings: path, kind, default and a line of help. Validation, `--help` and the documentation read it.
// Defaults are the reference recipe (docs/method.md); where paper, reference code and we differ, the help says so.

/** What values a setting takes. */
export type Kind =
  | { readonly type: 'integer'; readonly minimum: number; readonly maximum: number }
  /** `above` and `below` are exclusive bounds, `minimum` and `maximum` inclusive ones. */
  | { readonly type: 'number'; readonly minimum?: number; readonly above?: number; readonly maximum?: number; readonly below?: number }
  | { readonly type: 'boolean' }
  | { readonly type: 'choice'; readonly values: readonly string[] }
  /** A name for use in paths and reports: letters, digits, `_` and `-`. */
  | { readonly type: 'name' }
  | { readonly type: 'file'; readonly nullable: boolean }
  /** Pruning schedule: numbers in descending order. */
  | { readonly type: 'schedule' }
  /** A column of a corpus: a number from 0, a name, or `@position`. */
  | { readonly type: 'column' }
  | { readonly type: 'choice-or-integer'; readonly values: readonly string[]; readonly minimum: number; readonly maximum: number };

export type Value = string | number | boolean | null | readonly number[];

/**
 * Reads what is resolved already, that is, settings above in the table; a path with a leading dot counts from the
 * group that the setting lies in.
 */
export type Lookup = (path: string) => unknown;

type PathOf<T> = {
  [K in keyof T & string]: T[K] extends readonly (infer E)[]
    ? E extends object
      ? `${K}[].${PathOf<E>}`
      : K
    : T[K] extends object
      ? `${K}.${PathOf<T[K]>}`
      : K;
}[keyof T & string];

/** Every path that the type of the config has; `[]` marks a list of groups: `tasks[].head`. */
export type SettingPath = PathOf<Config>;

export interface Setting {
  readonly path: SettingPath;
  readonly kind: Kind;
  /** A value, a rule over what is resolved already (explained by `defaultText`), or nothing: the setting must be given. */
  readonly default?: Value | ((at: Lookup) => unknown);
  readonly defaultText?: string;
  /** One line, no full stop. */
  readonly help: string;
}

const MAXIMUM_COUNT = 0x7fffffff;

const integer = (minimum: number, maximum = MAXIMUM_COUNT): Kind => ({ type: 'integer', minimum, maximum });
const choice = (...values: string[]): Kind => ({ type: 'choice', values });
const probability: Kind = { type: 'number', minimum: 0, below: 1 };
const positive: Kind = { type: 'number', above: 0 };
const boolean: Kind = { type: 'boolean' };

/** The settings of one optimiser. Those of pruning follow those of training unless they are given. */
function optimizer(group: 'train.optimizer' | 'prune.optimizer', follows: string | null): readonly Setting[] {
  const setting = (name: keyof OptimizerConfig, kind: Kind, own: Value, help: string): Setting => {
    const path = `${group}.${name}` as const;
    if (follows === null) return { path, kind, default: own, help };
    return { path, kind, default: (at) => at(`${follows}.${name}`), defaultText: `as ${follows}.${name}`, help };
  };
  const rateOf = (type: unknown) => (type === 'adam' ? 0.001 : 0.1);
  return [
    setting('type', choice('sgd', 'adam'), 'sgd', 'update rule'),
    {
      path: `${group}.rate`,
      kind: positive,
      default: (at) => {
        const type = at('.type');
        const followed = follows !== null && at(`${follows}.type`) === type;
        return followed ? at(`${follows}.rate`) : rateOf(type);
      },
      defaultText: follows === null ? '0.1 (adam: 0.001)' : `as ${follows}.rate`,
      help: 'learning rate of the first epoch',
    },
    setting('schedule', choice('inverse', 'constant'), 'inverse', 'inverse: rate / (1 + decay * (epoch - 1))'),
    setting('decay', { type: 'number', minimum: 0 }, 0.05, 'decay of the inverse schedule'),
    setting('momentum', probability, 0.9, 'momentum (sgd)'),
    setting('beta1', probability, 0.9, 'decay of the first moment (adam)'),
    setting('beta2', probability, 0.999, 'decay of the second moment (adam)'),
    setting('epsilon', positive, 1e-8, 'added to the root of the second moment (adam)'),
    setting(
      'clip',
      choice('norm', 'value', 'none'),
      'norm',
      'norm: global L2 norm over kept weights; value: each entry, as the reference does when it trains subnets jointly',
    ),
    setting('clipAt', positive, 5, 'bound of clip'),
  ];
}

export const SETTINGS: readonly Setting[] = [
  { path: 'seed', kind: integer(0, 0xffffffff), default: 1, help: 'key of every random number of the run' },

  { path: 'corpora[].name', kind: { type: 'name' }, help: 'name that tasks refer to' },
  { path: 'corpora[].train', kind: { type: 'file', nullable: false }, help: 'file to train on' },
  { path: 'corpora[].dev', kind: { type: 'file', nullable: false }, help: 'file that every choice is made on' },
  { path: 'corpora[].test', kind: { type: 'file', nullable: true }, default: null, help: 'file scored once, at the end' },
  {
    path: 'corpora[].format',
    kind: choice('auto', 'conll', 'conll2000', 'conll2003', 'conllu', 'jsonl'),
    default: 'auto',
    help: 'format of the files; auto: .conllu and .jsonl by their names, else CoNLL columns',
  },
  { path: 'corpora[].tokenColumn', kind: integer(0, 255), default: 0, help: 'column of the token, from 0 (CoNLL columns)' },

  { path: 'tasks[].name', kind: { type: 'name' }, help: 'name of the task in reports and model files' },
  {
    path: 'tasks[].corpus',
    kind: { type: 'name' },
    default: (at) => at('corpora.0.name'),
    defaultText: 'the first corpus',
    help: "corpus with this task's labels",
  },
  {
    path: 'tasks[].column',
    kind: { type: 'column' },
    help: 'column of the labels: number from 0, or name; @position: the place of the token',
  },
  {
    path: 'tasks[].type',
    kind: choice('tags', 'spans'),
    default: 'tags',
    help: 'tags: a label a token, scored by accuracy; spans: a tag scheme, scored by span F1',
  },
  { path: 'tasks[].scheme', kind: choice('bio', 'iob1', 'bioes'), default: 'bio', help: 'tag scheme in the files (spans)' },
  { path: 'tasks[].modelScheme', kind: choice('bio', 'bioes'), default: 'bioes', help: 'tag scheme that the model learns (spans)' },
  { path: 'tasks[].head', kind: choice('softmax', 'crf'), default: 'softmax', help: 'output layer' },
  {
    path: 'tasks[].startEnd',
    kind: boolean,
    default: true,
    help: 'learn scores of the first and the last tag (crf); the reference does not',
  },
  {
    path: 'tasks[].layer',
    kind: { type: 'choice-or-integer', values: ['top'], minimum: 1, maximum: 16 },
    default: 'top',
    help: 'BiLSTM layer that the head reads, from 1 (hierarchical sharing)',
  },

  {
    path: 'vectors.file',
    kind: { type: 'file', nullable: true },
    default: null,
    help: 'word vectors, GloVe or word2vec text; null: random rows',
  },
  { path: 'vectors.limit', kind: integer(0), default: 0, help: 'read at most this many vectors; 0: all' },
  { path: 'vectors.extend', kind: boolean, default: true, help: 'rows for words of dev and test that have a vector' },

  { path: 'model.wordDimension', kind: integer(1, 4096), default: 100, help: 'numbers in a word vector' },
  { path: 'model.lowercase', kind: boolean, default: true, help: 'look words up in lower case; characters keep their case' },
  { path: 'model.charDimension', kind: integer(0, 4096), default: 30, help: 'numbers in a character vector; 0: no characters' },
  { path: 'model.charFilters', kind: integer(1, 4096), default: 30, help: 'filters of the character convolution' },
  { path: 'model.charWidth', kind: integer(1, 63), default: 3, help: 'characters that a filter sees; odd' },
  { path: 'model.charOutput', kind: integer(1, 4096), default: 30, help: 'character features of a word' },
  { path: 'model.minimumCharCount', kind: integer(1), default: 2, help: 'rarer characters of the train words are unknown' },
  { path: 'model.layers', kind: integer(1, 16), default: 2, help: 'BiLSTM layers' },
  { path: 'model.hidden', kind: integer(1, 4096), default: 200, help: 'hidden units per direction' },
  { path: 'model.dropout.word', kind: probability, default: 0.5, help: 'dropout of word vectors' },
  { path: 'model.dropout.charEmbedding', kind: probability, default: 0.5, help: 'dropout of character vectors' },
  { path: 'model.dropout.charOutput', kind: probability, default: 0.5, help: 'dropout of the character features' },
  { path: 'model.dropout.output', kind: probability, default: 0.5, help: 'dropout of the encoder output' },
  { path: 'model.wordDropout', kind: probability, default: 0.01, help: 'how often a word is made unknown while training' },

  {
    path: 'train.sharing',
    kind: choice('single', 'hard', 'hierarchical', 'sparse', 'subnet'),
    default: 'sparse',
    help: 'what tasks share: nothing, all, all up to tasks.NAME.layer, subnets; subnet: each subnet is trained alone',
  },
  { path: 'train.epochs', kind: integer(1), default: 100, help: 'epochs of the final training' },
  { path: 'train.batchSize', kind: integer(1, 4096), default: 10, help: 'sentences in a batch' },
  { path: 'train.batching', kind: choice('similar', 'random'), default: 'similar', help: 'similar: batches of similar length' },
  {
    path: 'train.momentumMode',
    kind: choice('masked', 'coasting'),
    default: 'masked',
    help: 'masked: a step moves kept weights only; coasting: the reference (sgd)',
  },
  {
    path: 'train.taskOrder',
    kind: choice('round-robin', 'proportional', 'uniform'),
    default: 'round-robin',
    help: 'which task takes the next step',
  },
  { path: 'train.patience', kind: integer(0), default: 0, help: 'stop after this many epochs without a better dev score; 0: never' },
  ...optimizer('train.optimizer', null),

  { path: 'warmup.epochs', kind: integer(0), default: 0, help: 'multi-task warm-up before pruning, in epochs' },
  { path: 'warmup.steps', kind: integer(0), default: 0, help: 'the same in steps; epochs or steps, not both' },

  {
    path: 'prune.rate',
    kind: { type: 'number', above: 0, below: 1 },
    default: 0.108749,
    help: 'fraction of the kept weights that a round prunes',
  },
  { path: 'prune.keep', kind: { type: 'schedule' }, default: [], help: 'what rounds keep, instead of rate: weights (> 1) or fractions' },
  {
    path: 'prune.rounds',
    kind: integer(1, 1000),
    default: (at) => (at('.keep') as readonly number[]).length || 20,
    defaultText: '20, or as many as prune.keep',
    help: 'pruning rounds',
  },
  { path: 'prune.minimumKept', kind: { type: 'number', minimum: 0, maximum: 1 }, default: 0, help: 'keep at least this fraction' },
  {
    path: 'prune.rewind',
    kind: choice('initial', 'warmup'),
    default: 'warmup',
    help: 'weights go back to the state before or after the warm-up',
  },
  { path: 'prune.steps', kind: integer(0), default: 0, help: 'training of one round in steps; epochs or steps, not both' },
  {
    path: 'prune.epochs',
    kind: integer(0),
    default: (at) => (at('.steps') === 0 ? 100 : 0),
    defaultText: '100, or 0 with prune.steps',
    help: 'training of one round in epochs',
  },
  { path: 'prune.patience', kind: integer(0), default: 0, help: 'end a round after this many epochs without a better dev score; 0: never' },
  {
    path: 'prune.select',
    kind: { type: 'choice-or-integer', values: ['dev'], minimum: 1, maximum: 1000 },
    default: 'dev',
    help: 'round whose subnet a task gets: the best on dev, or a fixed round',
  },
  ...optimizer('prune.optimizer', 'train.optimizer'),

  {
    path: 'subnets.file',
    kind: { type: 'file', nullable: true },
    default: null,
    help: 'model file whose masks are taken instead of pruning',
  },
  {
    path: 'subnets.masks',
    kind: choice('own', 'next-task', 'random', 'random-overlap'),
    default: 'own',
    help: 'own, or a control: masks of the next task, random ones of equal size, or of equal size and overlap',
  },
  {
    path: 'subnets.weights',
    kind: choice('rewound', 'reinitialised'),
    default: 'rewound',
    help: 'reinitialised (a control): subnets start from other initial values',
  },
];
