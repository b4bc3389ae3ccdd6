import type { TrainConfig } from '../config/config.js';
import type { EncodedSentence } from '../data/encode.js';
import { type RandomKey, WORD_STREAM } from '../model/random-streams.js';
import type { RandomWords } from './random-words.js';

/** A training step: which task, and which sentences of it. */
export interface PlannedStep {
  readonly task: number;
  readonly sentences: Int32Array;
}

/** Steps of one epoch over `tasks`; each task's sentences are all visited once (`uniform`: on average). */
export function planEpoch(
  random: RandomWords,
  key: RandomKey,
  epoch: number,
  tasks: readonly { readonly index: number; readonly train: readonly EncodedSentence[] }[],
  config: Pick<TrainConfig, 'batchSize' | 'batching' | 'taskOrder'>,
): PlannedStep[] {
  const batches = tasks.map((task) => planBatches(random, key, epoch, task.index, task.train, config));
  const total = batches.reduce((sum, list) => sum + list.length, 0);
  const step = (t: number, i: number): PlannedStep => ({ task: tasks[t]!.index, sentences: batches[t]![i % batches[t]!.length]! });
  const steps: PlannedStep[] = [];
  const next = tasks.map(() => 0);
  if (config.taskOrder === 'proportional') {
    const owner = batches.flatMap((list, t) => list.map(() => t));
    for (const i of random.permutation(key, WORD_STREAM.taskOrder, epoch, 0, total)) steps.push(step(owner[i]!, next[owner[i]!]!++));
  } else if (config.taskOrder === 'uniform') {
    for (const word of random.draw(key, WORD_STREAM.taskOrder, epoch, 0, total)) {
      const t = Math.floor((word / 4294967296) * tasks.length);
      steps.push(step(t, next[t]!++));
    }
  } else {
    // The reference's: one random order of the tasks an epoch, then in turn until every task is exhausted.
    const order = random.permutation(key, WORD_STREAM.taskOrder, epoch, 0, tasks.length);
    while (steps.length < total) for (const t of order) if (next[t]! < batches[t]!.length) steps.push(step(t, next[t]!++));
  }
  return steps;
}

/**
 * Batches of one task for one epoch. `similar`: sentences sorted by length (ties at random), cut into batches, batches
 * shuffled; `random`: sentences shuffled, then cut.
 */
function planBatches(
  random: RandomWords,
  key: RandomKey,
  epoch: number,
  task: number,
  sentences: readonly EncodedSentence[],
  config: Pick<TrainConfig, 'batchSize' | 'batching'>,
): Int32Array[] {
  const shuffled = random.permutation(key, WORD_STREAM.shuffle, epoch, 2 * task, sentences.length);
  const cut = (order: Int32Array): Int32Array[] =>
    Array.from({ length: Math.ceil(order.length / config.batchSize) }, (_, i) =>
      order.slice(i * config.batchSize, (i + 1) * config.batchSize),
    );
  if (config.batching === 'random') return cut(shuffled);
  const place = new Int32Array(sentences.length);
  shuffled.forEach((sentence, i) => {
    place[sentence] = i;
  });
  const lengthOf = (i: number): number => sentences[i]!.types.length;
  const batches = cut(shuffled.slice().sort((i, j) => lengthOf(i) - lengthOf(j) || place[i]! - place[j]!));
  return Array.from(random.permutation(key, WORD_STREAM.shuffle, epoch, 2 * task + 1, batches.length), (b) => batches[b]!);
}
