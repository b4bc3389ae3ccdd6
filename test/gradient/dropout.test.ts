import { describe, expect, test } from 'vitest';
import type { ModelConfig } from '../../src/config/config.js';
import { packBatch } from '../../src/model/pack-batch.js';
import { DROPOUT_STREAM } from '../../src/model/random-streams.js';
import { createRuntime, type Runtime } from '../../src/runtime/runtime.js';
import { scheduleOf } from '../helpers/schedule.js';
import { BOUNDED_CRF_HEAD, SOFTMAX_HEAD } from '../helpers/small-network.js';
import type { OracleDropout } from '../oracle/network.js';
import { type Case, caseOf, compare, expectClose, type StepKey } from './compare-network.js';

const RATES = { word: 0.3, charEmbedding: 0.25, charOutput: 0.5, output: 0.4 };
const WORD_DROPOUT = 0.3;
const KEY: StepKey = { seed: 2020, phase: 3, step: 17 };

/** What `features` features of one place are multiplied by: the dropout kernel on ones. */
function multipliers(
  runtime: Runtime,
  key: StepKey,
  stream: number,
  rate: number,
  features: number,
  first: number,
  second: number,
): number[] {
  const { arena, kernels } = runtime;
  const mark = arena.mark();
  const x = arena.allocateWords('ones', 4 * features);
  const keys = [arena.allocateWords('first key', 4), arena.allocateWords('second key', 4)] as const;
  arena.f32(x, 4 * features).fill(1);
  arena.u32(keys[0], 4).fill(first);
  arena.u32(keys[1], 4).fill(second);
  kernels.dropout(x, x, 4, features, 4, keys[0], keys[1], key.seed, key.phase, stream, key.step, rate);
  const values = arena.f32(x, 4 * features).filter((_, i) => i % 4 === 0);
  arena.release(mark);
  return [...values];
}

/**
 * The dropout of a step by its definition: tokens by time and by the rank of their sentence in the batch, characters by
 * their index and word type.
 */
async function dropoutOf(key: StepKey, model: ModelConfig, lengths: readonly number[]): Promise<OracleDropout> {
  const runtime = await createRuntime({ build: 'scalar' });
  const { order } = scheduleOf(lengths);
  const known = new Map<string, number[]>();
  const at = (stream: keyof typeof DROPOUT_STREAM, rate: number, features: number, first: number, second: number): number[] => {
    const name = `${stream} ${first} ${second}`;
    const values = known.get(name) ?? multipliers(runtime, key, DROPOUT_STREAM[stream], rate, features, first, second);
    known.set(name, values);
    return values;
  };
  const { wordDimension, charDimension, charOutput, hidden, dropout } = model;
  const rank = (b: number): number => order.indexOf(b);
  return {
    unknown: (b, t) => at('wordRow', model.wordDropout, 1, t, rank(b))[0] === 0,
    word: (b, t, f) => at('word', dropout.word, wordDimension, t, rank(b))[f]!,
    charEmbedding: (type, character, f) => at('charEmbedding', dropout.charEmbedding, charDimension, character, type)[f]!,
    charOutput: (b, t, f) => at('charOutput', dropout.charOutput, charOutput, t, rank(b))[f]!,
    output: (b, t, f) => at('output', dropout.output, 2 * hidden, t, rank(b))[f]!,
  };
}

function lossOf({ network: { network }, sentences, types, head }: Case, key: StepKey | null): number {
  const task = network.shape.tasks.indexOf(head);
  network.prepare(0, [task], true);
  return network.backward(network.encode(packBatch(sentences, types), key), task);
}

describe('a network with dropout', () => {
  test.each([
    ['of words', { word: 0.3 }, 0],
    ['of character rows', { charEmbedding: 0.25 }, 0],
    ['of character features', { charOutput: 0.5 }, 0],
    ['of the last layer', { output: 0.4 }, 0],
    ['of whole word rows', {}, WORD_DROPOUT],
    ['of all kinds', RATES, WORD_DROPOUT],
  ])('%s has the gradient of the network that the dropped numbers leave', async (_, rates, wordDropout) => {
    const none = { word: 0, charEmbedding: 0, charOutput: 0, output: 0 };
    const c = await caseOf({ layers: 1, dropout: { ...none, ...rates }, wordDropout }, SOFTMAX_HEAD);
    const lengths = c.sentences.map(({ types }) => types.length);
    expectClose(compare(c, KEY, await dropoutOf(KEY, c.network.network.shape.model, lengths)));
  });

  test('has a loss that is a function of seed, phase and step', async () => {
    const c = await caseOf({ dropout: RATES, wordDropout: WORD_DROPOUT }, BOUNDED_CRF_HEAD);
    const loss = lossOf(c, KEY);
    const others = [
      { ...KEY, step: 18 },
      { ...KEY, phase: 4 },
      { ...KEY, seed: 2021 },
    ].map((key) => lossOf(c, key));
    expect(new Set([loss, ...others]).size).toBe(4);
    expect(lossOf(c, KEY)).toBe(loss);
    const again = await caseOf({ dropout: RATES, wordDropout: WORD_DROPOUT }, BOUNDED_CRF_HEAD);
    expect(lossOf(again, KEY)).toBe(loss);
  });

  test('drops nothing when it tags', async () => {
    const dropping = await caseOf({ dropout: RATES, wordDropout: WORD_DROPOUT }, SOFTMAX_HEAD);
    const plain = await caseOf({}, SOFTMAX_HEAD);
    expect(lossOf(dropping, null)).toBe(lossOf(plain, KEY));
  });
});

describe('dropped activations', () => {
  const STREAMS = Object.values(DROPOUT_STREAM);
  const STEPS = 2000;
  const FEATURES = 8;

  /** [stream][number] over many steps, at one place. */
  async function draws(rate: number): Promise<number[][]> {
    const runtime = await createRuntime();
    const steps = Array.from({ length: STEPS }, (_, step) => step);
    return STREAMS.map((stream) => steps.flatMap((step) => multipliers(runtime, { ...KEY, step }, stream, rate, FEATURES, 2, 1)));
  }

  function mean(values: readonly number[]): number {
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  }

  test.each([0.01, 0.3, 0.5])('at rate %d keep their mean, step after step', async (rate) => {
    // Standard deviation of one multiplier: sqrt(p / (1 - p)); five of those of the mean pass by chance once in a million.
    const bound = 5 * Math.sqrt(rate / (1 - rate) / (STEPS * FEATURES));
    for (const values of await draws(rate)) {
      expect(Math.abs(mean(values) - 1)).toBeLessThan(bound);
      expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / (1 - Math.fround(rate)))]));
    }
  });

  test('of one stream tell nothing about another, nor one feature about the next', async () => {
    const values = await draws(0.5);
    const bound = 5 / Math.sqrt(STEPS * FEATURES);
    const correlation = (a: readonly number[], b: readonly number[]): number => mean(a.map((value, i) => (value - 1) * (b[i]! - 1)));
    values.forEach((own, s) => {
      for (const other of values.slice(s + 1)) expect(Math.abs(correlation(own, other))).toBeLessThan(bound);
      expect(Math.abs(correlation(own.slice(1), own))).toBeLessThan(bound);
      expect(Math.abs(correlation(own.slice(FEATURES), own))).toBeLessThan(bound);
    });
  });
});
