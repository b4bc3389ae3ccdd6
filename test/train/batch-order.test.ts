import { describe, expect, test } from 'vitest';
import type { TrainConfig } from '../../src/config/config.js';
import type { EncodedSentence } from '../../src/data/encode.js';
import { createRuntime } from '../../src/runtime/runtime.js';
import { type PlannedStep, planEpoch } from '../../src/train/batch-order.js';
import { RandomWords } from '../../src/train/random-words.js';
import { smallSentences } from '../helpers/small-network.js';

type Settings = Pick<TrainConfig, 'batchSize' | 'batching' | 'taskOrder'>;

const BATCH_SIZE = 4;
const KEY = { seed: 3, phase: 1 };

/** `count` sentences of 1 to 9 tokens, many of one length. */
const sentences = (count: number): EncodedSentence[] =>
  smallSentences(
    Array.from({ length: count }, (_, i) => 1 + ((i * 5) % 9)),
    10,
    3,
    1,
  );

/** Tasks of 7, 3 and 5 batches; the last of each is not full. */
const TASKS = [26, 9, 17].map((count, index) => ({ index, train: sentences(count) }));
const BATCHES = [7, 3, 5];

async function plan(
  settings: Partial<Settings> = {},
  epoch = 1,
  key = KEY,
  tasks: readonly (typeof TASKS)[number][] = TASKS,
): Promise<PlannedStep[]> {
  const random = new RandomWords(await createRuntime(), 100);
  return planEpoch(random, key, epoch, tasks, { batchSize: BATCH_SIZE, batching: 'random', taskOrder: 'round-robin', ...settings });
}

const ofTask = (steps: readonly PlannedStep[], task: number): Int32Array[] =>
  steps.filter((step) => step.task === task).map((step) => step.sentences);

const ORDERS = ['round-robin', 'proportional'] as const;
const BATCHINGS = ['random', 'similar'] as const;

describe.each(ORDERS)('an epoch in %s order', (taskOrder) => {
  test.each(BATCHINGS)('visits every sentence of every task exactly once (%s batches)', async (batching) => {
    for (const epoch of [1, 2, 3]) {
      const steps = await plan({ taskOrder, batching }, epoch);
      expect(steps.length).toBe(15);
      for (const { index, train } of TASKS) {
        const batches = ofTask(steps, index);
        expect(batches.length).toBe(BATCHES[index]);
        expect(batches.flatMap((batch) => [...batch]).sort((a, b) => a - b)).toEqual([...train.keys()]);
        const sizes = batches.map((batch) => batch.length).sort((a, b) => b - a);
        expect(sizes).toEqual(batches.map((_, i) => Math.min(BATCH_SIZE, train.length - i * BATCH_SIZE)));
      }
    }
  });
});

describe('round-robin', () => {
  test('takes the tasks in turn, in one order an epoch, until each is exhausted', async () => {
    for (const epoch of [1, 2, 3, 4, 5]) {
      const tasks = (await plan({}, epoch)).map(({ task }) => task);
      const order = tasks.slice(0, 3);
      expect([...order].sort()).toEqual([0, 1, 2]);
      const left = [...BATCHES];
      const expected: number[] = [];
      while (expected.length < 15) for (const task of order) if (left[task]!-- > 0) expected.push(task);
      expect(tasks).toEqual(expected);
    }
  });

  test('draws the order of the tasks anew each epoch', async () => {
    const orders = await Promise.all(
      Array.from({ length: 20 }, async (_, epoch) =>
        (await plan({}, epoch + 1))
          .slice(0, 3)
          .map(({ task }) => task)
          .join(),
      ),
    );
    expect(new Set(orders).size).toBeGreaterThan(3);
  });
});

describe('uniform order', () => {
  test('draws tasks with equal chances, whatever their sizes, and goes through their batches again and again', async () => {
    const counts = [0, 0, 0];
    for (let epoch = 1; epoch <= 40; epoch++) {
      const steps = await plan({ taskOrder: 'uniform' }, epoch);
      expect(steps.length).toBe(15);
      for (const { index } of TASKS) {
        const batches = ofTask(steps, index);
        counts[index]! += batches.length;
        batches.forEach((batch, i) => {
          if (i >= BATCHES[index]!) expect(batch).toEqual(batches[i - BATCHES[index]!]);
        });
      }
    }
    // 600 draws; five standard deviations of a binomial with p = 1/3 are 58.
    for (const count of counts) expect(Math.abs(count - 200)).toBeLessThan(58);
  });
});

describe('batches', () => {
  test('of similar length hold neighbours in length, in random order, with ties broken anew each epoch', async () => {
    const lengthsOf = (batch: Int32Array): number[] => Array.from(batch, (i) => TASKS[0]!.train[i]!.types.length);
    const [first, second] = await Promise.all([1, 2].map(async (epoch) => ofTask(await plan({ batching: 'similar' }, epoch), 0)));
    const ranges = first!.map((batch) => ({ least: Math.min(...lengthsOf(batch)), most: Math.max(...lengthsOf(batch)) }));
    const sorted = ranges.toSorted((a, b) => a.least - b.least || a.most - b.most);
    sorted.slice(1).forEach(({ least }, i) => {
      expect(least).toBeGreaterThanOrEqual(sorted[i]!.most);
    });
    expect(ranges).not.toEqual(sorted);
    const sets = (batches: readonly Int32Array[]): string[] => batches.map((batch) => [...batch].sort((a, b) => a - b).join()).sort();
    expect(sets(first!)).not.toEqual(sets(second!));
  });

  test('at random mix lengths', async () => {
    const batches = ofTask(await plan(), 0);
    const mixed = batches.filter((batch) => new Set(Array.from(batch, (i) => TASKS[0]!.train[i]!.types.length)).size > 1);
    expect(mixed.length).toBeGreaterThan(4);
  });
});

describe.each([...ORDERS, 'uniform' as const])('the plan of an epoch (%s)', (taskOrder) => {
  test('is a function of seed, phase and epoch', async () => {
    const settings = { taskOrder, batching: 'similar' } as const;
    const steps = await plan(settings);
    expect(await plan(settings)).toEqual(steps);
    expect(await plan(settings, 2)).not.toEqual(steps);
    expect(await plan(settings, 1, { ...KEY, phase: 2 })).not.toEqual(steps);
    expect(await plan(settings, 1, { ...KEY, seed: 4 })).not.toEqual(steps);
  });

  test('gives a task the same batches with and without the others', async () => {
    const together = ofTask(await plan({ taskOrder: taskOrder === 'uniform' ? 'round-robin' : taskOrder }), 1);
    const alone = await plan({ taskOrder }, 1, KEY, [TASKS[1]!]);
    expect(alone.map((step) => step.sentences)).toEqual(together);
  });
});
