import { type Config, resolveConfig } from 'sparsetag';
import type { Column } from './columns.js';

/** Pruning rounds to the shares of weights that can be chosen; each keeps about the same share of what the one before kept. */
export const ROUNDS = { '0.6': [0.84, 0.71, 0.6], '0.4': [0.74, 0.54, 0.4], '0.2': [0.58, 0.34, 0.2] } as const;

export const SHARINGS = ['single', 'hard', 'sparse'] as const;

/** What a person chooses of a training; everything else has the defaults of the command line. */
export interface Choices {
  readonly sharing: (typeof SHARINGS)[number];
  readonly hidden: number;
  readonly layers: number;
  readonly crf: boolean;
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  /** Share of the weights that each task keeps, for sparse sharing. */
  readonly keep: keyof typeof ROUNDS;
}

export const DEFAULT_CHOICES: Choices = {
  sharing: 'sparse',
  hidden: 50,
  layers: 1,
  crf: true,
  epochs: 6,
  batchSize: 10,
  seed: 1,
  keep: '0.4',
};

/** Name of the corpus in the config, and of its splits. */
const CORPUS = 'page';

/**
 * The config of a training with Adam on one corpus, small enough for a browser.
 * @throws {ConfigError} as `resolveConfig`
 */
export function configOf(choices: Choices, columns: readonly Column[], hasTest: boolean, fileName: string): Config {
  const { sharing, hidden, layers, crf, epochs, batchSize, seed, keep } = choices;
  const dropout = { word: 0.3, charEmbedding: 0.3, charOutput: 0.3, output: 0.3 };
  const format = /\.(jsonl|ndjson)$/.test(fileName) ? 'jsonl' : /\.conllu$/.test(fileName) ? 'conllu' : 'conll';
  return resolveConfig({
    seed,
    corpora: [{ name: CORPUS, train: 'train', dev: 'dev', test: hasTest ? 'test' : null, format }],
    tasks: columns.map(({ name, column, type }) => ({ name, column, type, ...(type === 'spans' && crf && { head: 'crf' }) })),
    model: { wordDimension: 50, charDimension: 16, charFilters: 24, charOutput: 16, hidden, layers, dropout },
    train: { sharing, epochs, batchSize, optimizer: { type: 'adam', rate: 0.005 } },
    ...(sharing === 'sparse' && {
      warmup: { epochs: 1 },
      prune: { keep: ROUNDS[keep], epochs: 1, rewind: 'warmup' },
    }),
  });
}
