import { describe, expect, test } from 'vitest';
import { Network } from '../../src/model/network.js';
import { predict, predictionBatches } from '../../src/model/predict.js';
import { MASK_BITS } from '../../src/runtime/layout.js';
import { createRuntime } from '../../src/runtime/runtime.js';
import { CRF_HEAD, fillNetwork, openNetwork, SOFTMAX_HEAD, smallSentences, smallShape, smallTypes } from '../helpers/small-network.js';
import { randomMask } from '../kernels/matrices.js';

const TYPES = smallTypes(15, 2);
const SENTENCES = smallSentences([3, 9, 1, 1, 4, 2, 30, 6, 2, 2, 5, 1, 8], TYPES.length, 3, 4);

test('every sentence is in one batch, within the limits unless a group of four is already more', () => {
  for (const [most, positions] of [
    [1, 1000],
    [4, 1000],
    [32, 40],
    [5, 160],
    [32, 1_000_000],
  ] as const) {
    const { batches, sentences } = predictionBatches(SENTENCES, TYPES, most, positions);
    expect(sentences).toBe(SENTENCES.length);
    const places = batches.flatMap((batch) => [...batch.sentences]);
    expect(places.sort((a, b) => a - b)).toEqual([...SENTENCES.keys()]);
    for (const { packed, sentences: own } of batches) {
      expect(own.length).toBeLessThanOrEqual(most);
      expect([...packed.order].map((i) => own[i])).toEqual([...own]);
      if (packed.positions > positions) expect(own.length).toBeLessThanOrEqual(4);
    }
  }
});

test('tags come back in the order of the sentences, the same from batches of every size', async () => {
  const { network } = await openNetwork(smallShape({}, [SOFTMAX_HEAD, CRF_HEAD]), { training: false });
  network.prepare(0, [0, 1], false);
  const tag = (most: number, positions: number) => predict(network, predictionBatches(SENTENCES, TYPES, most, positions), [1, 0], true);
  const alone = tag(1, 1);
  expect(alone[0]!.map(({ tags }) => tags.length)).toEqual(SENTENCES.map(({ types }) => types.length));
  expect(tag(32, 1000)).toEqual(alone);
  expect(tag(5, 30)).toEqual(alone);
  const softmaxOnly = predict(network, predictionBatches(SENTENCES, TYPES, 4, 1000), [0], true);
  expect(softmaxOnly[0]).toEqual(alone[1]);
});

test('a mask that no memory was taken for gets neither the weights of another one nor leaves its own behind', async () => {
  const { network, runtime } = await openNetwork(smallShape({}, [SOFTMAX_HEAD]), { training: false });
  const words = network.table.prunable.end / MASK_BITS;
  const mask = runtime.arena.allocateWords('mask', words);
  runtime.arena.u32(mask, words).set(randomMask(network.table.prunable.end, 0.3, 6));
  const scores = (bits: number) => {
    network.prepare(bits, [0], false);
    return predict(network, predictionBatches(SENTENCES, TYPES, 32, 1000), [0], true);
  };
  const masked = scores(mask);
  const whole = scores(0);
  expect(whole).not.toEqual(masked);
  expect(scores(mask)).toEqual(masked);
  expect(scores(0)).toEqual(whole);
});

test.each(['sparse', 'dense'] as const)(
  'a mask that is indexed again takes no more memory, and its new bits count (%s kernels)',
  async (kernels) => {
    const runtime = await createRuntime({ kernels });
    const network = new Network(runtime, smallShape({ hidden: 12 }, [SOFTMAX_HEAD]), false);
    fillNetwork(runtime, network, 5, 1);
    const { prunable } = network.table;
    const words = prunable.end / MASK_BITS;
    const [mask, other] = [runtime.arena.allocateWords('mask', words), runtime.arena.allocateWords('other', words)];
    const index = (at: number, density: number) => {
      runtime.arena.u32(at, words).set(randomMask(prunable.end, density, 6));
      network.indexMask(at);
    };
    const scores = (at: number) => {
      network.prepare(at, [0], false);
      return predict(network, predictionBatches(SENTENCES, TYPES, 32, 1000), [0], true);
    };
    for (const at of [mask, other]) network.reserveIndex(at, 'index');
    index(mask, 0.6);
    index(other, 0.2);
    const dense = scores(mask);
    const used = runtime.arena.usedBytes;
    index(mask, 0.6);
    expect(scores(mask)).toEqual(dense);
    index(mask, 0.2);
    expect(scores(mask)).toEqual(scores(other));
    expect(scores(mask)).not.toEqual(dense);
    expect(runtime.arena.usedBytes).toBe(used);
  },
);

test('no sentences need no batches', async () => {
  const { network } = await openNetwork(smallShape({}, [SOFTMAX_HEAD]), { training: false });
  network.prepare(0, [0], false);
  expect(predict(network, predictionBatches([], TYPES, 32, 100), [0])).toEqual([[]]);
});

describe.each(['auto', 'sparse', 'dense'] as const)('with %s kernels', (kernels) => {
  test.each([0, 0.1, 0.4, 1])('a sentence alone has the tags and probabilities that it has in a batch of 32 (%f kept)', async (density) => {
    const lengths = Array.from({ length: 32 }, (_, s) => 1 + ((7 * s) % 18));
    const sentences = smallSentences(lengths, TYPES.length, 3, 11);
    const runtime = await createRuntime({ kernels });
    const network = new Network(runtime, smallShape({ hidden: 10 }, [SOFTMAX_HEAD, CRF_HEAD]), false);
    fillNetwork(runtime, network, 5, 1);
    const { prunable } = network.table;
    const mask = runtime.arena.allocateWords('mask', prunable.end / MASK_BITS);
    runtime.arena.u32(mask, prunable.end / MASK_BITS).set(randomMask(prunable.end, density === 1 ? 2 : density, 6));
    network.reserveIndex(mask, 'index');
    network.indexMask(mask);
    network.prepare(mask, [0, 1], false);
    const together = predict(network, predictionBatches(sentences, TYPES, 32, 10_000), [0, 1], true);
    sentences.forEach((sentence, s) => {
      const [softmax, crf] = predict(network, predictionBatches([sentence], TYPES, 32, 10_000), [0, 1], true);
      expect(softmax![0]).toEqual(together[0]![s]);
      expect(crf![0]).toEqual(together[1]![s]);
    });
  });
});
