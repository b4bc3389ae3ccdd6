import { expect, test } from 'vitest';
import { packBatch } from '../../src/model/pack-batch.js';
import { predict, predictionBatches } from '../../src/model/predict.js';
import { BOUNDED_CRF_HEAD, openNetwork, SOFTMAX_HEAD, smallSentences, smallShape, smallTypes } from '../helpers/small-network.js';

const TYPES = smallTypes(15, 2);
const SENTENCES = smallSentences([3, 4, 1, 2], TYPES.length, 5, 4);
const HEADS = [SOFTMAX_HEAD, BOUNDED_CRF_HEAD];

/** exp(-loss) of a sentence with given tags: its probability, of its sequence (CRF) or of its one token (softmax). */
async function probability(head: number, types: Int32Array, tags: Int32Array): Promise<number> {
  const { network } = await openNetwork(smallShape({}, HEADS), { seed: 8 });
  network.prepare(0, [head], true);
  return Math.exp(-network.backward(network.encode(packBatch([{ types, tags }], TYPES), null), head));
}

test('the probability of a tag with a CRF is the sum over all sequences that have it', async () => {
  const { network } = await openNetwork(smallShape({}, HEADS), { seed: 8, training: false });
  network.prepare(0, [1], false);
  const batches = predictionBatches(SENTENCES, TYPES, 4, 100);
  const [predictions] = predict(network, batches, [1], true);
  const { types } = SENTENCES[0]!;
  const { tags, probabilities } = predictions![0]!;
  const sums = new Float64Array(3);
  const K = BOUNDED_CRF_HEAD.tags;
  for (let code = 0; code < K ** 3; code++) {
    const path = Int32Array.of(code % K, Math.floor(code / K) % K, Math.floor(code / (K * K)));
    const p = await probability(1, types, path);
    path.forEach((tag, t) => {
      if (tag === tags[t]) sums[t]! += p;
    });
  }
  for (const [t, p] of probabilities!.entries()) expect(p).toBeCloseTo(sums[t]!, 5);
});

test('the probability of a tag with softmax is that of its cross-entropy, on every build', async () => {
  const scored = await Promise.all(
    (['simd', 'scalar'] as const).map(async (build) => {
      const { network } = await openNetwork(smallShape({}, HEADS), { seed: 8, training: false, build });
      network.prepare(0, [0, 1], false);
      return predict(network, predictionBatches(SENTENCES, TYPES, 4, 100), [0, 1], true);
    }),
  );
  expect(scored[0]).toEqual(scored[1]);
  const { tags, probabilities } = scored[0]![0]![2]!;
  expect(probabilities![0]).toBeCloseTo(await probability(0, SENTENCES[2]!.types, tags), 6);
});

test('probabilities are not computed unless they are asked for', async () => {
  const { network } = await openNetwork(smallShape({}, HEADS), { training: false });
  network.prepare(0, [0, 1], false);
  const plain = predict(network, predictionBatches(SENTENCES, TYPES, 4, 100), [0, 1]);
  const scored = predict(network, predictionBatches(SENTENCES, TYPES, 4, 100), [0, 1], true);
  expect(plain.flat().map(({ probabilities }) => probabilities)).toEqual(plain.flat().map(() => null));
  expect(plain.flat().map(({ tags }) => tags)).toEqual(scored.flat().map(({ tags }) => tags));
});
