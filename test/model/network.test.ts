import { describe, expect, test } from 'vitest';
import type { EncodedSentence } from '../../src/data/encode.js';
import { ResourceError } from '../../src/errors.js';
import { strideFor } from '../../src/model/batch-memory.js';
import { packBatch } from '../../src/model/pack-batch.js';
import { positionOf, scheduleOf } from '../helpers/schedule.js';
import {
  BOUNDED_CRF_HEAD,
  CRF_HEAD,
  openNetwork,
  readWordGradients,
  type SmallNetwork,
  SOFTMAX_HEAD,
  smallSentences,
  smallShape,
  smallTypes,
} from '../helpers/small-network.js';
import { BUILDS } from '../kernels/harness.js';
import { bits, isKept, randomMask } from '../kernels/matrices.js';

const HEADS = [SOFTMAX_HEAD, CRF_HEAD, BOUNDED_CRF_HEAD];
const TASKS = HEADS.map((_, task) => task);
const TYPES = smallTypes(30, 5);
const DROPOUT = { word: 0.3, charEmbedding: 0.2, charOutput: 0.3, output: 0.5 };
/** Tags that every head has. */
const TAGS = Math.min(...HEADS.map(({ tags }) => tags));

const sentencesOf = (lengths: readonly number[], seed = 9): EncodedSentence[] => smallSentences(lengths, TYPES.length, TAGS, seed);

/** 33 sentences of 1 to 12 tokens, in no order. */
const LENGTHS = Array.from({ length: 33 }, (_, i) => 1 + ((i * 7) % 12));

interface Decoded {
  /** By task and sentence. */
  readonly tags: Int32Array[][];
  /** Scores of every tag at every token, [task][sentence][token][tag]. */
  readonly emissions: Float32Array[][][];
}

/** Tags sentences as one batch with every head; the scores are read from the workspace. */
function decode({ runtime, network }: SmallNetwork, sentences: readonly EncodedSentence[]): Decoded {
  const schedule = scheduleOf(sentences.map(({ types }) => types.length));
  const stride = strideFor(schedule.positions);
  const pass = network.encode(packBatch(sentences, TYPES), null);
  const tags = TASKS.map((task) => network.decode(pass, task).map((prediction) => prediction.tags));
  const emissions = HEADS.map((head) => {
    const { pointer } = runtime.arena.regions.find(({ name }) => name === `head ${head.name} emissions`)!;
    const plane = runtime.arena.f32(pointer, head.tags * stride);
    return sentences.map((sentence, s) => {
      const rank = schedule.order.indexOf(s);
      return Array.from(sentence.types, (_, t) =>
        Float32Array.from({ length: head.tags }, (_, k) => plane[k * stride + positionOf(schedule, rank, t)]!),
      );
    });
  });
  return { tags, emissions };
}

async function openForTagging(): Promise<SmallNetwork> {
  const small = await openNetwork(smallShape({}, HEADS), { training: false, scale: 3 });
  small.network.prepare(0, TASKS, false);
  return small;
}

describe('tagging', () => {
  test('gives a sentence the same bits alone and in a batch of 33', async () => {
    const small = await openForTagging();
    const sentences = sentencesOf(LENGTHS);
    const together = decode(small, sentences);
    sentences.forEach((sentence, s) => {
      const alone = decode(small, [sentence]);
      for (const task of TASKS) {
        expect(alone.emissions[task]![0]!.map(bits)).toEqual(together.emissions[task]![s]!.map(bits));
        expect(alone.tags[task]![0]).toEqual(together.tags[task]![s]);
      }
    });
    // Tags that never vary would agree for no reason.
    for (const task of TASKS) expect(new Set(together.tags[task]!.flatMap((path) => [...path])).size).toBeGreaterThan(1);
  });

  test('gives the same bits in every order of the sentences', async () => {
    const small = await openForTagging();
    const sentences = sentencesOf([3, 1, 4, 1, 5]);
    const forward = decode(small, sentences);
    const backward = decode(small, [...sentences].reverse());
    for (const task of TASKS) {
      expect([...backward.emissions[task]!].reverse()).toEqual(forward.emissions[task]);
      expect([...backward.tags[task]!].reverse()).toEqual(forward.tags[task]);
    }
  });

  test('goes on with the same bits when a larger batch makes the workspace grow', async () => {
    const small = await openForTagging();
    const [few, many] = [sentencesOf([2, 3]), sentencesOf(LENGTHS, 10)];
    const before = decode(small, few);
    const used = small.runtime.arena.usedBytes;
    const grown = decode(small, many);
    expect(small.runtime.arena.usedBytes).toBeGreaterThan(used);
    expect(decode(small, few)).toEqual(before);
    const fresh = await openForTagging();
    expect(decode(fresh, many)).toEqual(grown);
  });

  test('needs no gradients', async () => {
    const [tagger, trainer] = [await openForTagging(), await openNetwork(smallShape({}, HEADS), { scale: 3 })];
    trainer.network.prepare(0, TASKS, false);
    const sentences = sentencesOf([2, 4]);
    expect(decode(tagger, sentences)).toEqual(decode(trainer, sentences));
    expect(tagger.runtime.arena.usedBytes).toBeLessThan(trainer.runtime.arena.usedBytes);
  });
});

interface Step {
  readonly loss: number;
  /** The whole plane of gradients. */
  readonly gradients: Float32Array;
  readonly words: number[][];
}

/** Loss and gradients of one training step; the plane is cleared of what earlier steps left. */
function step(small: SmallNetwork, task: number, sentences: readonly EncodedSentence[], mask = 0): Step {
  const { runtime, network } = small;
  const plane = (): Float32Array => runtime.arena.f32(network.gradients, network.table.size);
  plane().fill(0);
  network.prepare(mask, [task], true);
  const pass = network.encode(packBatch(sentences, TYPES), { seed: 4, phase: 1, step: 8 });
  const loss = network.backward(pass, task);
  return { loss, gradients: plane().slice(), words: readWordGradients(small) };
}

describe('a training step', () => {
  const shape = smallShape({ dropout: DROPOUT, wordDropout: 0.1 }, HEADS);
  const sentences = sentencesOf(LENGTHS.slice(0, 9));

  test.each(TASKS)('gives the same loss and gradients, to the bit, in every build (task %i)', async (task) => {
    const [first, ...others] = await Promise.all(BUILDS.map(async (build) => step(await openNetwork(shape, { build }), task, sentences)));
    for (const other of others) {
      expect(other.loss).toBe(first!.loss);
      expect(bits(other.gradients)).toEqual(bits(first!.gradients));
      expect(other.words).toEqual(first!.words);
    }
  });

  test('gives the same bits under a mask in every build, at kept weights', async () => {
    const results = await Promise.all(
      BUILDS.map(async (build) => {
        const small = await openNetwork(shape, { build });
        const { end } = small.network.table.prunable;
        const mask = randomMask(end, 0.3, 2);
        const pointer = small.runtime.arena.allocateWords('mask', mask.length);
        small.runtime.arena.u32(pointer, mask.length).set(mask);
        const { loss, gradients, words } = step(small, 2, sentences, pointer);
        return { loss, words, gradients: gradients.map((g, e) => (e >= end || isKept(mask, e) ? g : 0)) };
      }),
    );
    for (const result of results) expect(result).toEqual(results[0]);
  });

  test('leaves nothing behind: the same step again has the same bits, whatever came between', async () => {
    const small = await openNetwork(shape);
    const once = step(small, 1, sentences);
    step(small, 0, sentencesOf([5, 1]));
    expect(step(small, 1, sentences)).toEqual(once);
  });

  test('has the same bits after the workspace has grown', async () => {
    const small = await openNetwork(shape);
    const before = step(small, 2, sentencesOf([2, 1]));
    step(small, 2, sentencesOf(LENGTHS));
    expect(step(small, 2, sentencesOf([2, 1]))).toEqual(before);
  });

  test('lists the word rows that it touches, ascending, each once', async () => {
    const small = await openNetwork(smallShape({}, HEADS));
    step(small, 0, sentences);
    const rows = sentences.flatMap(({ types }) => [...types].map((type) => TYPES[type]!.row));
    expect([...small.network.words.touched]).toEqual([...new Set(rows)].sort((a, b) => a - b));
  });

  test('refuses a loss that is not finite, naming task and step', async () => {
    const small = await openNetwork(shape);
    small.runtime.arena.f32(small.network.words.values, shape.words * shape.model.wordDimension).fill(Number.NaN);
    expect(() => step(small, 0, sentences)).toThrow(
      expect.objectContaining({ code: 'NOT_FINITE_LOSS', message: expect.stringMatching(/task plain, step 8/) }),
    );
  });
});

test('tags on as before when there was no memory for a larger batch', async () => {
  const small = await openForTagging();
  const { arena } = small.runtime;
  const sentences = sentencesOf([3, 1, 4]);
  const before = decode(small, sentences);
  const allocate = arena.allocate.bind(arena);
  arena.allocate = (name, bytes) => {
    if (name === 'lstm.0 output') throw new ResourceError('MEMORY_EXHAUSTED', 'no more');
    return allocate(name, bytes);
  };
  expect(() => decode(small, sentencesOf(LENGTHS))).toThrow(ResourceError);
  arena.allocate = allocate;
  expect(decode(small, sentences)).toEqual(before);
});
