import type { Config } from '../../src/config/config.js';
import { resolveConfig } from '../../src/config/validate.js';
import { SYNTHETIC_COLUMNS, syntheticSplits } from '../../src/conformance/synthetic-corpus.js';
import type { Corpus } from '../../src/data/sentence.js';
import { makeCorpus } from '../../src/io/corpus.js';
import type { TrainEvent } from '../../src/train/events.js';
import { type TrainOptions, train } from '../../src/train/train.js';
import { bytesOf } from './text.js';

export type DoneEvent = TrainEvent & { type: 'done' };

/** A generated corpus with POS, chunk and NER columns. */
export function smallCorpus(sentences = 120): Corpus {
  const { train, dev, test } = syntheticSplits({ seed: 7, sentences });
  const text = (file: string, content: string) => ({ file, bytes: bytesOf(content) });
  return makeCorpus(
    { name: 'made', train: 'train', dev: 'dev', test: 'test', format: 'auto', tokenColumn: 0 },
    Object.values(SYNTHETIC_COLUMNS),
    {
      train: text('train', train),
      dev: text('dev', dev),
      test: text('test', test),
    },
  );
}

/** A network of a few hundred weights for it; `overrides` by section. */
export function smallConfig(overrides: Record<string, unknown> = {}): Config {
  const { train = {}, ...others } = overrides;
  return resolveConfig({
    seed: 3,
    corpora: [{ name: 'made', train: 'train', dev: 'dev', test: 'test' }],
    tasks: [
      { name: 'pos', column: SYNTHETIC_COLUMNS.pos, type: 'tags' },
      { name: 'chunk', column: SYNTHETIC_COLUMNS.chunk, type: 'spans' },
      { name: 'ner', column: SYNTHETIC_COLUMNS.ner, type: 'spans', head: 'crf' },
    ],
    model: { wordDimension: 9, charDimension: 5, charFilters: 6, charOutput: 4, layers: 1, hidden: 7 },
    train: { epochs: 2, ...(train as object) },
    warmup: { epochs: 1 },
    prune: { keep: [0.6, 0.3], epochs: 1, rewind: 'warmup' },
    ...others,
  });
}

/** Runs a training to its end and returns all events but the steps, and the last one by itself. */
export async function runTraining(
  config: Config,
  options: TrainOptions = {},
  corpus = smallCorpus(),
): Promise<{ events: TrainEvent[]; done: DoneEvent }> {
  const events: TrainEvent[] = [];
  for await (const event of train(config, [corpus], options)) if (event.type !== 'step') events.push(event);
  const done = events.at(-1);
  if (done?.type !== 'done') throw new Error('training ended without a model');
  return { events, done };
}
