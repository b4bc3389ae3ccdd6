import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { packBatch } from '../../src/model/pack-batch.js';
import {
  BOUNDED_CRF_HEAD,
  CRF_HEAD,
  openNetwork,
  readParameter,
  readWordGradients,
  readWords,
  SOFTMAX_HEAD,
  smallSentences,
  smallShape,
  smallTypes,
} from '../helpers/small-network.js';
import { loadTf, tfLoss } from '../oracle/tfjs-network.js';

/**
 * Relative to the greatest entry of each tensor. Both sides compute in f32, in other orders; 8e-7 was measured at most.
 */
const TOLERANCE = 1e-5;

let tf: Awaited<ReturnType<typeof loadTf>>;

beforeAll(async () => {
  tf = await loadTf();
});

test.each([
  { head: SOFTMAX_HEAD, layers: 1 },
  { head: CRF_HEAD, layers: 2 },
  { head: BOUNDED_CRF_HEAD, layers: 1 },
])('TensorFlow.js finds the same loss and gradients of $layers layers with head $head.name', async ({ head, layers }) => {
  const small = await openNetwork(smallShape({ layers, hidden: 5, charOutput: 3 }, [head]), { seed: 31 });
  const { runtime, network } = small;
  const types = smallTypes(10, 41);
  const sentences = smallSentences([3, 1, 5, 2, 2], types.length, head.tags, 43);
  network.prepare(0, [0], true);
  const loss = network.backward(network.encode(packBatch(sentences, types), null), 0);

  const { parameters } = network.table;
  const names = [...parameters.map(({ name }) => name), 'words'];
  const tensors = [
    ...parameters.map((parameter) => tf.tensor(readParameter(runtime, network.parameters, parameter), [...parameter.shape])),
    tf.tensor2d(readWords(small)),
  ];
  const lossOf = (...values: Tensor[]): Tensor =>
    tfLoss(tf, network.shape.model, head, (name) => values[names.indexOf(name)]!, types, sentences);
  expect(Math.abs(loss - (await lossOf(...tensors).data())[0]!)).toBeLessThanOrEqual(2e-6 * loss);

  const found = [...parameters.map((parameter) => readParameter(runtime, network.gradients, parameter)), readWordGradients(small).flat()];
  tf.grads(lossOf)(tensors).forEach((gradient, i) => {
    const expected = gradient.dataSync();
    const size = Math.max(...expected.map(Math.abs));
    expect(size, names[i]).toBeGreaterThan(1e-4);
    expect(found[i]!.length).toBe(expected.length);
    const error = Math.max(...found[i]!.map((value, e) => Math.abs(value - expected[e]!))) / size;
    expect(error, names[i]).toBeLessThanOrEqual(TOLERANCE);
  });
});
