import type { Config } from '../config/config.js';
import { resolveConfig } from '../config/validate.js';
import type { Corpus } from '../data/sentence.js';
import { makeCorpus } from '../io/corpus.js';
import { SYNTHETIC_COLUMNS, syntheticSplits } from './synthetic-corpus.js';

/** 17 batches of each task an epoch: 204 steps of the three in 4 epochs. */
const SENTENCES = 68;
const BATCH_SENTENCES = 4;
const EPOCHS = 4;

const { pos, chunk, ner } = SYNTHETIC_COLUMNS;

const TASKS = [
  { name: 'pos', column: pos, type: 'tags' },
  { name: 'chunk', column: chunk, type: 'spans' },
  { name: 'ner', column: ner, type: 'spans', head: 'crf' },
];

/** A warm-up, and two rounds of pruning for each task. */
const SUBNETS = { warmup: { epochs: 1 }, prune: { keep: [0.5, 0.2], epochs: 1, rewind: 'warmup', select: 'dev' } };
const ADAM = { type: 'adam', rate: 0.005, clip: 'value' };

/** A corpus with columns for parts of speech, chunks and names. */
export function conformanceCorpus(): Corpus {
  const encoder = new TextEncoder();
  const splits = Object.entries(syntheticSplits({ seed: 2020, sentences: SENTENCES }));
  const [train, dev, test] = splits.map(([file, text]) => ({ file, bytes: encoder.encode(text) }));
  const files = { name: 'made', train: 'train', dev: 'dev', test: 'test', format: 'conll', tokenColumn: 0 } as const;
  return makeCorpus(files, Object.values(SYNTHETIC_COLUMNS), { train: train!, dev: dev!, test: test! });
}

function config(train: object, others: object = {}): Config {
  return resolveConfig({
    seed: 7,
    corpora: [{ name: 'made', train: 'train', dev: 'dev', test: 'test' }],
    tasks: TASKS,
    model: { wordDimension: 9, charDimension: 5, charFilters: 6, charOutput: 4, layers: 1, hidden: 10 },
    train: { epochs: EPOCHS, batchSize: BATCH_SENTENCES, ...train },
    ...others,
  });
}

/** Small runs by name: every way of sharing, pruning, both optimisers, and CRF heads alone. */
export function conformanceConfigs(): Readonly<Record<string, Config>> {
  return {
    single: config({ sharing: 'single' }),
    hard: config({ sharing: 'hard', optimizer: ADAM }),
    hierarchical: config(
      { sharing: 'hierarchical' },
      {
        model: { wordDimension: 8, charDimension: 0, layers: 2, hidden: 6 },
        tasks: TASKS.map((task, i) => (i === 0 ? { ...task, layer: 1 } : task)),
      },
    ),
    sparse: config({ sharing: 'sparse', momentumMode: 'coasting' }, SUBNETS),
    subnet: config({ sharing: 'subnet', optimizer: ADAM }, SUBNETS),
    crf: config({ sharing: 'hard', batching: 'random' }, { tasks: TASKS.map((task) => ({ ...task, head: 'crf', startEnd: false })) }),
  };
}
