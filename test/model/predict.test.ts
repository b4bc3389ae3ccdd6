import { expect, test } from 'vitest';
import { predict, predictionBatches } from '../../src/model/predict.js';
import { CRF_HEAD, openNetwork, SOFTMAX_HEAD, smallSentences, smallShape, smallTypes } from '../helpers/small-network.js';

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

test('no sentences need no batches', async () => {
  const { network } = await openNetwork(smallShape({}, [SOFTMAX_HEAD]), { training: false });
  network.prepare(0, [0], false);
  expect(predict(network, predictionBatches([], TYPES, 32, 100), [0])).toEqual([[]]);
});
