import type { TaskConfig } from '../config/config.js';
import type { Vocabulary } from '../data/vocabulary.js';
import { AccuracyCounter } from '../evaluate/accuracy.js';
import { SpanCounter } from '../evaluate/conlleval.js';

/** Metric of a kind of task. */
export function metricOf(task: Pick<TaskConfig, 'type'>): 'accuracy' | 'f1' {
  return task.type === 'spans' ? 'f1' : 'accuracy';
}

/** Score in percent of predicted tag numbers against gold labels (both in the model's scheme). */
export function scoreTags(
  task: Pick<TaskConfig, 'type' | 'modelScheme'>,
  tags: Vocabulary,
  gold: readonly (readonly string[])[],
  predicted: readonly Int32Array[],
): number {
  const counter = task.type === 'spans' ? new SpanCounter(task.modelScheme) : new AccuracyCounter();
  gold.forEach((labels, i) => {
    counter.add(
      labels,
      Array.from(predicted[i]!, (id) => tags.itemOf(id)!),
    );
  });
  return counter instanceof SpanCounter ? counter.score().f1 : counter.accuracy;
}
