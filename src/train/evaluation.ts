import { type BatchCapacity, capacityOf, largerCapacity } from '../model/batch-memory.js';
import type { Network } from '../model/network.js';
import { packBatch } from '../model/pack-batch.js';
import { type PredictionBatches, predictInParts, predictionBatches } from '../model/predict.js';
import type { Scores } from './events.js';
import type { Pauses } from './pauses.js';
import { scoreTags } from './score.js';
import type { TaskData, TrainingData } from './task-data.js';
import type { TaskMasks } from './task-masks.js';

const EVALUATION_SENTENCES = 32;

type Role = 'dev' | 'test';

/** The largest training batch there can be: the longest sentences of a task together. */
export function trainingCapacity(tasks: readonly TaskData[], types: TrainingData['types'], batchSize: number): BatchCapacity {
  let capacity: BatchCapacity = { positions: 4, tokens: 1, steps: 1, lanes: 4, words: 1, characters: 4 };
  const lettersOf = (sentence: { readonly types: Int32Array }): number =>
    sentence.types.reduce((sum, type) => sum + types[type]!.characters.length, 0);
  for (const { train } of tasks) {
    const longest = [...train].sort((a, b) => b.types.length - a.types.length).slice(0, batchSize);
    capacity = largerCapacity(capacity, capacityOf(packBatch(longest, types)));
    const letters = train
      .map(lettersOf)
      .sort((a, b) => b - a)
      .slice(0, batchSize)
      .reduce((a, b) => a + b, 0);
    capacity = { ...capacity, words: capacity.tokens, characters: Math.max(capacity.characters, letters) };
  }
  return capacity;
}

/** Scores the tasks of a network on dev and test, with the weights and subnets that it has at the time. */
export class Evaluation {
  /** What these batches and those of the training take at most. */
  readonly capacity: BatchCapacity;
  /** Splits of tasks that share a corpus are the same sentences: one list of batches serves them all. */
  readonly #batches = new Map<string, PredictionBatches>();

  /** @param tasks those of the network, in its order */
  constructor(
    private readonly network: Network,
    private readonly masks: TaskMasks,
    private readonly tasks: readonly TaskData[],
    types: TrainingData['types'],
    training: BatchCapacity,
  ) {
    let capacity = training;
    for (const task of tasks) {
      for (const role of ['dev', 'test'] as const) {
        const key = keyOf(task, role);
        const split = task[role];
        if (!split || this.#batches.has(key)) continue;
        const made = predictionBatches(split.sentences, types, EVALUATION_SENTENCES, capacity.positions);
        this.#batches.set(key, made);
        // Batches of many short sentences fill the same positions with more words and characters at most.
        for (const { packed } of made.batches) capacity = largerCapacity(capacity, capacityOf(packed));
      }
    }
    this.capacity = capacity;
  }

  /** Scores in percent of tasks (config indices) that have the split, in their order. Stops between two layers of a batch. */
  async score(wanted: readonly number[], role: Role, pauses: Pauses): Promise<Scores> {
    const scores = new Map<TaskData, number>();
    const tasks = wanted.map((index) => this.tasks.find((task) => task.index === index)!).filter((task) => task[role]);
    const maskOf = (task: TaskData): number => this.masks.pointer(this.tasks.indexOf(task));
    for (const first of tasks) {
      if (scores.has(first)) continue;
      // Tasks with the same sentences and the same subnet (hard sharing) share one pass of the encoder.
      const together = tasks.filter((task) => task.config.corpus === first.config.corpus && maskOf(task) === maskOf(first));
      const local = together.map((task) => this.tasks.indexOf(task));
      this.network.prepare(maskOf(first), local, false);
      const predicted = await pauses.run(predictInParts(this.network, this.#batches.get(keyOf(first, role))!, local));
      together.forEach((task, i) => {
        const ids = predicted[i]!.map(({ tags }) => tags);
        scores.set(task, scoreTags(task.config, task.tags, task[role]!.gold, ids));
      });
    }
    return tasks.map((task) => ({ task: task.config.name, score: scores.get(task)! }));
  }
}

function keyOf({ config }: TaskData, role: Role): string {
  return `${role} ${config.corpus}`;
}
