import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WordTypes } from '../../src/data/encode.js';
import { foldCase } from '../../src/data/normalize.js';
import { tableVocabulary } from '../../src/data/vocabulary.js';
import type { ModelContents } from '../../src/io/model-contents.js';
import { openModelFile } from '../../src/io/model-file.js';
import type { Encoder } from '../../src/tfjs/encoder.js';
import type { Tf } from '../../src/tfjs/op.js';
import { type Ops, registerOps } from '../../src/tfjs/ops.js';
import { runTraining, smallConfig, smallCorpus } from '../helpers/small-run.js';
import { loadWasmTf, tfLoss } from '../oracle/tfjs-network.js';
import { expectClose } from './expect-close.js';

let tf: Tf;
let ops: Ops;
let file: Uint8Array;
let model: ModelContents;

beforeAll(async () => {
  tf = await loadWasmTf();
  ops = await registerOps(tf);
  const budget = { warmup: { epochs: 0 }, prune: { keep: [0.3], epochs: 1, select: 1 } };
  file = (await runTraining(smallConfig({ train: { sharing: 'sparse', epochs: 1 }, ...budget }))).done.model;
  model = openModelFile(file).contents;
}, 120_000);

afterAll(() => ops.dispose());

/**
 * Not sorted, one a token alone; no character twice in a word: where a filter has its maximum twice, TensorFlow.js sends the gradient
 * to both places, and we to the first.
 */
const sentences = [4, 1, 7, 2].map((length, i) => {
  const { tokens } = smallCorpus().dev.sentences[i]!;
  return tokens.filter((token) => new Set(token).size === token.length).slice(0, length);
});
const longest = Math.max(...sentences.map(({ length }) => length));

/** Some tags to learn, numbers from 0 to `count` - 1. */
const goldOf = (count: number) => sentences.map((_, b) => Array.from({ length: longest }, (_, t) => (7 * b + 3 * t) % count));

function lossOf(encoder: Encoder): Scalar {
  const inputs = encoder.lookUp(sentences);
  const gold = tf.tensor2d(goldOf(encoder.tags.length), undefined, 'int32');
  return ops.crfLoss(encoder.emissions(encoder.encode(inputs)), gold, inputs.lengths, encoder.head.chain!);
}

const maskOf = (name: string) => model.networks[0]!.masks.find(({ task, tensor }) => task === 'ner' && tensor === name);
const isKept = (name: string, e: number) => ((maskOf(name)!.bits[e >> 5]! >>> (e & 31)) & 1) === 1;

test('the weights of an encoder have the gradients of one made of operations of TensorFlow.js, 0 where they are pruned', async () => {
  const encoder = await ops.loadEncoder(file, 'ner', { trainable: true });
  const { value, grads } = tf.variableGrads(() => lossOf(encoder));
  const named = new Map(Object.entries(encoder.weights).map(([name, variable]) => [name, { variable, gradient: grads[variable.name]! }]));
  expect(named.has('lstm.0.backward.recurrent') && named.has('char.table') && named.has('word.table')).toBe(true);

  const found = [...named.values()].map(({ gradient }) => gradient.dataSync());
  const loss = value.dataSync()[0]!;
  // The backend `wasm` has no gradient of `gather`; that of plain JavaScript has.
  await tf.setBackend('cpu');
  const { tensors: stored } = model.networks[0]!;
  const names = [...named.keys(), ...stored.map(({ name }) => name).filter((name) => name.startsWith('head.ner.'))];
  const tensors = names.map((name) => {
    const { values, shape } = stored.find((tensor) => tensor.name === name)!;
    return tf.tensor(values, [...shape]);
  });
  const types = new WordTypes(tableVocabulary(model.vocabulary.words), tableVocabulary(model.vocabulary.characters), foldCase);
  const encoded = sentences.map((tokens, b) => ({
    types: types.encode({ tokens }),
    tags: Int32Array.from(goldOf(encoder.tags.length)[b]!.slice(0, tokens.length)),
  }));
  const head = { name: 'ner', head: 'crf', tags: encoder.tags.length, startEnd: true } as const;
  const plain = (...all: Tensor[]): Tensor => {
    const masked = all.map((tensor, i) => {
      if (!maskOf(names[i]!)) return tensor;
      const kept = Float32Array.from({ length: tensor.size }, (_, e) => Number(isKept(names[i]!, e)));
      return tf.mul(tensor, tf.tensor(kept, tensor.shape));
    });
    return tfLoss(
      tf,
      smallConfig().model,
      head,
      (name) => masked[names.indexOf(name === 'words' ? 'word.table' : name)]!,
      types.types,
      encoded,
    );
  };
  expect(Math.abs(loss - plain(...tensors).dataSync()[0]!)).toBeLessThan(1e-5 * loss);
  tf.grads(plain)(tensors)
    .slice(0, found.length)
    .forEach((expected, i) => {
      expectClose(tf.tensor(found[i]!, expected.shape), expected, names[i]!);
    });
  await tf.setBackend('wasm');
  found.forEach((gradient, i) => {
    if (maskOf(names[i]!)) expect(gradient.filter((g, e) => g !== 0 && !isKept(names[i]!, e))).toHaveLength(0);
  });
  encoder.dispose();
});

test('an encoder and its head train together in TensorFlow.js, and pruned weights stay pruned', async () => {
  const encoder = await ops.loadEncoder(file, 'ner', { trainable: true });
  const frozen = await ops.loadEncoder(file, 'ner');
  const inputs = encoder.lookUp(sentences);
  expect(encoder.encode(inputs).dataSync()).toEqual(frozen.encode(inputs).dataSync());
  const before = Object.fromEntries(Object.entries(encoder.weights).map(([name, variable]) => [name, variable.dataSync()]));
  const optimizer = tf.train.adam(0.02);
  const losses = Array.from({ length: 60 }, () => optimizer.minimize(() => lossOf(encoder), true)!.dataSync()[0]!);
  expect(losses.at(-1)).toBeLessThan(0.2 * losses[0]!);
  for (const [name, variable] of Object.entries(encoder.weights)) {
    const after = variable.dataSync();
    expect(after, name).not.toEqual(before[name]);
    if (maskOf(name)) expect(after.filter((w, e) => w !== before[name]![e] && !isKept(name, e))).toHaveLength(0);
  }
  expect(encoder.encode(inputs).dataSync()).not.toEqual(frozen.encode(inputs).dataSync());
  const count = tf.memory().numTensors;
  encoder.dispose();
  expect(tf.memory().numTensors).toBe(count - Object.keys(encoder.weights).length - 5);
  frozen.dispose();
});

test('an encoder that is not trainable has no weights, and no gradient reaches it', async () => {
  const encoder = await ops.loadEncoder(file, 'ner');
  expect(encoder.weights).toEqual({});
  const features = encoder.encode(encoder.lookUp(sentences));
  const [gradient] = tf.grads((w: Tensor) => tf.sum(tf.mul(features, w)))([tf.scalar(2)]);
  expect(gradient!.dataSync()[0]).toBeCloseTo(tf.sum(features).dataSync()[0]!, 3);
  encoder.dispose();
});
