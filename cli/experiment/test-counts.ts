import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Config, type Corpus, convertLabels, scoreSpans, Tagger } from 'sparsetag';
import { writeFileAtomically } from '../files.js';
import type { RunReport } from '../run-folder.js';
import type { Run } from './runs.js';
import { partsOf, type SentenceCounts, scoreOf } from './statistics.js';

const FILE = 'test-counts.json';

/**
 * What a run's model did on each test sentence, by task. Kept beside the model, for tagging takes longer than reading.
 *
 * @returns null where a task's corpus has no test split
 * @throws {Error} when the counts do not give the score of the report: that would be a fault of ours
 */
export async function testCounts(
  run: Run,
  report: RunReport,
  config: Config,
  corpora: readonly Corpus[],
): Promise<ReadonlyMap<string, SentenceCounts>> {
  const file = path.join(run.folder, FILE);
  const kept = await readFile(file, 'utf8')
    .then(JSON.parse)
    .catch(() => null);
  const counts = kept?.fingerprint === report.fingerprint ? asMap(kept.tasks) : await count(run, config, corpora);
  for (const [task, { metric, counts: of }] of counts) {
    const parts = partsOf(metric);
    const sums = Array.from({ length: parts }, (_, p) => of.reduce((sum, value, i) => (i % parts === p ? sum + value : sum), 0));
    const { test } = report.tasks[task]!;
    if (test === null || Math.abs(scoreOf(metric, sums) - test) > 1e-9)
      throw new Error(`${file}: task ${task} counts to ${scoreOf(metric, sums)}, its report says ${test}`);
  }
  if (kept?.fingerprint !== report.fingerprint) {
    const tasks = Object.fromEntries([...counts].map(([task, { metric, counts: of }]) => [task, { metric, counts: [...of] }]));
    await writeFileAtomically(file, `${JSON.stringify({ schema: 1, fingerprint: report.fingerprint, tasks })}\n`);
  }
  return counts;
}

function asMap(tasks: Record<string, { metric: SentenceCounts['metric']; counts: number[] }>): Map<string, SentenceCounts> {
  return new Map(Object.entries(tasks).map(([task, { metric, counts }]) => [task, { metric, counts: Int32Array.from(counts) }]));
}

async function count(run: Run, config: Config, corpora: readonly Corpus[]): Promise<Map<string, SentenceCounts>> {
  const tagger = await Tagger.load(await readFile(path.join(run.folder, 'model.safetensors')));
  const counts = new Map<string, SentenceCounts>();
  try {
    for (const corpus of corpora) {
      const tasks = config.tasks.filter((task) => task.corpus === corpus.name);
      if (!corpus.test || tasks.length === 0) continue;
      const { sentences } = corpus.test;
      const tagged = tagger.tagBatch(sentences.map(({ tokens }) => tokens));
      for (const { name, type, column, scheme, modelScheme } of tasks) {
        const labels = corpus.columns.indexOf(column);
        const parts = sentences.flatMap((sentence, i) => {
          const predicted = tagged[i]![name]!;
          if (type === 'tags') {
            const gold = sentence.labels[labels]!;
            return [gold.filter((label, t) => label === predicted[t]).length, gold.length];
          }
          const gold = convertLabels(sentence.labels[labels]!, scheme, modelScheme);
          const score = scoreSpans([{ gold, predicted }], modelScheme);
          return [score.correct, score.predicted, score.gold];
        });
        counts.set(name, { metric: type === 'tags' ? 'accuracy' : 'f1', counts: Int32Array.from(parts) });
      }
    }
  } finally {
    tagger.dispose();
  }
  return counts;
}
