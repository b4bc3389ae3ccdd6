import { expect, test } from 'vitest';
import { SYNTHETIC_COLUMNS } from '../../src/conformance/synthetic-corpus.js';
import { evaluate } from '../../src/tagger/evaluate.js';
import { Tagger } from '../../src/tagger/tagger.js';
import { runTraining, smallConfig, smallCorpus } from '../helpers/small-run.js';

// Large enough that one bit a weight is more than the constant tables at the start of kernel memory.
const model = { wordDimension: 9, charDimension: 5, charFilters: 6, charOutput: 4, layers: 2, hidden: 40 };

test.each(['single', 'hard', 'sparse', 'subnet'])('a model of %s sharing tags as its run scored it', async (sharing) => {
  const { done } = await runTraining(smallConfig({ model, train: { sharing, epochs: 1 }, prune: { keep: [0.4], epochs: 1, select: 1 } }));
  const corpus = smallCorpus();
  const tagger = await Tagger.load(done.model);
  const columns = Object.entries(SYNTHETIC_COLUMNS).map(([task, column]) => ({
    task,
    labels: corpus.columns.indexOf(column),
    scheme: 'bio' as const,
  }));
  const scores = evaluate(tagger, corpus.test!.sentences, columns);
  tagger.dispose();
  for (const { task, score } of scores) expect(score, task).toBe(done.report.tasks[task]!.test);
});
