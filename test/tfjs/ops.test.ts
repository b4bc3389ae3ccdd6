import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trainHead } from '../../examples/tfjs/train-head.js';
import { SYNTHETIC_COLUMNS } from '../../src/conformance/synthetic-corpus.js';
import { Tagger } from '../../src/tagger/tagger.js';
import type { BilstmMasks, BilstmWeights } from '../../src/tfjs/bilstm.js';
import type { Tf } from '../../src/tfjs/op.js';
import { type Ops, registerOps } from '../../src/tfjs/ops.js';
import { runTraining, smallConfig, smallCorpus } from '../helpers/small-run.js';
import { testNumbers } from '../kernels/harness.js';
import { chainLoss, direction, loadWasmTf } from '../oracle/tfjs-network.js';
import { expectClose } from './expect-close.js';

let tf: Tf;
let ops: Ops;

beforeAll(async () => {
  tf = await loadWasmTf();
  ops = await registerOps(tf);
}, 120_000);

afterAll(() => ops.dispose());

const next = testNumbers(5);
const numbers = (count: number) => Float32Array.from({ length: count }, () => next());
const lengthsOf = (lengths: readonly number[]) => tf.tensor1d([...lengths], 'int32');

const PARTS = ['input', 'recurrent', 'bias'] as const;

/** The layer from operations of TensorFlow.js, a sentence at a time. */
function plainBilstm(x: Tensor3D, lengths: readonly number[], tensors: readonly Tensor[]): Tensor3D {
  const [, T, I] = x.shape;
  const sentences = lengths.map((length, b) => {
    const own = tf.reshape(tf.slice(x, [b, 0, 0], [1, length, I]), [length, I]) as Tensor2D;
    const named = (first: number) => (part: string) => tensors[first + PARTS.indexOf(part as 'input')]!;
    const y = tf.concat([direction(tf, named(0), own, false), direction(tf, named(3), own, true)], 1);
    return tf.pad(y, [
      [0, T - length],
      [0, 0],
    ]);
  });
  return tf.stack(sentences) as Tensor3D;
}

test.each([
  { keep: null, what: 'without masks' },
  { keep: 0.9, what: 'under dense masks' },
  { keep: 0.2, what: 'under sparse masks' },
])('a BiLSTM $what has the outputs and gradients of one made of operations of TensorFlow.js', ({ keep }) => {
  const [B, T, I, H] = [5, 6, 7, 5];
  const lengths = [3, 1, 5, 2, 2];
  const x = tf.tensor3d(numbers(B * T * I), [B, T, I]);
  const shapes = [[4 * H, I], [4 * H, H], [4 * H], [4 * H, I], [4 * H, H], [4 * H]];
  const tensors = shapes.map((shape) => tf.tensor(numbers(shape.reduce((a, b) => a * b)), shape));
  const cotangent = tf.tensor3d(numbers(B * T * 2 * H), [B, T, 2 * H]);
  const kept = shapes.map((shape) =>
    keep === null || shape.length === 1 ? null : tf.less(tf.randomUniform(shape, 0, 1, 'float32', 3), keep),
  );
  const masks = (
    keep === null
      ? undefined
      : {
          forward: { input: kept[0], recurrent: kept[1] },
          backward: { input: kept[3], recurrent: kept[4] },
        }
  ) as BilstmMasks | undefined;
  const weightsOf = (values: readonly Tensor[]): BilstmWeights => {
    const named = (first: number) => Object.fromEntries(PARTS.map((part, i) => [part, values[first + i]!]));
    return { forward: named(0), backward: named(3) } as unknown as BilstmWeights;
  };
  const ours = (x: Tensor, ...values: Tensor[]) => ops.bilstm(x as Tensor3D, lengthsOf(lengths), weightsOf(values), masks);
  const plain = (x: Tensor, ...values: Tensor[]) => {
    const masked = values.map((value, i) => (kept[i] ? tf.mul(value, tf.cast(kept[i], 'float32')) : value));
    return plainBilstm(x as Tensor3D, lengths, masked);
  };
  const weighted =
    (layer: typeof ours) =>
    (...all: Tensor[]) =>
      tf.sum(tf.mul(layer(all[0]!, ...all.slice(1)), cotangent));

  expectClose(ours(x, ...tensors), plain(x, ...tensors), 'y');
  const found = tf.grads(weighted(ours))([x, ...tensors]);
  const expected = tf.grads(weighted(plain))([x, ...tensors]);
  found.forEach((gradient, i) => {
    expectClose(gradient, expected[i]!, `gradient ${i}`);
  });
});

test.each([
  { K: 3, bounds: false },
  { K: 5, bounds: true },
])('a CRF of $K tags has the loss and gradients of one made of operations of TensorFlow.js', ({ K, bounds }) => {
  const T = 5;
  const lengths = [3, 1, 5];
  const gold = Array.from({ length: 3 * T }, (_, i) => (7 * i) % K);
  const shapes = [[3, T, K], [K, K], ...(bounds ? [[K], [K]] : [])];
  const tensors = shapes.map((shape) => tf.tensor(numbers(shape.reduce((a, b) => a * b)), shape));
  const chainOf = ([transitions, start, end]: readonly Tensor[]) =>
    ({ transitions, ...(bounds && { start, end }) }) as { transitions: Tensor2D; start?: Tensor1D; end?: Tensor1D };
  const ours = (emissions: Tensor, ...chain: Tensor[]) =>
    tf.mul(ops.crfLoss(emissions as Tensor3D, tf.tensor2d(gold, [3, T], 'int32'), lengthsOf(lengths), chainOf(chain)), 2);
  const plain = (emissions: Tensor, ...chain: Tensor[]) => {
    const named = chainOf(chain);
    const head = { name: 'h', tags: K, head: 'crf', startEnd: bounds } as const;
    const losses = lengths.map((length, b) => {
      const own = tf.reshape(tf.slice(emissions, [b, 0, 0], [1, length, K]), [length, K]) as Tensor2D;
      const tags = tf.tensor1d(gold.slice(b * T, b * T + length), 'int32');
      const oneHot = tf.cast(tf.oneHot(tags, K), 'float32') as Tensor2D;
      return chainLoss(tf, head, (name) => named[name.split('.').at(-1) as 'start']!, own, oneHot);
    });
    return tf.mul(tf.div(tf.addN(losses), lengths.length), 2);
  };
  const [head, ...chain] = tensors;
  expectClose(ours(head!, ...chain), plain(head!, ...chain), 'loss');
  const found = tf.grads(ours)(tensors);
  tf.grads(plain)(tensors).forEach((expected, i) => {
    expectClose(found[i]!, expected, `gradient ${i}`);
  });
});

test('decoding gives the sequence that scores best among all', () => {
  const [T, K] = [4, 3];
  const emissions = numbers(2 * T * K);
  const transitions = numbers(K * K);
  const decoded = ops.crfDecode(tf.tensor3d(emissions, [2, T, K]), lengthsOf([4, 2]), { transitions: tf.tensor2d(transitions, [K, K]) });
  const best = (b: number, length: number) => {
    const paths = Array.from({ length: K ** length }, (_, n) => Array.from({ length }, (_, t) => Math.floor(n / K ** t) % K));
    const score = (path: readonly number[]) =>
      path.reduce((sum, tag, t) => sum + emissions[(b * T + t) * K + tag]! + (t > 0 ? transitions[path[t - 1]! * K + tag]! : 0), 0);
    return paths.reduce((a, c) => (score(c) > score(a) ? c : a));
  };
  expect(decoded.arraySync()).toEqual([best(0, 4), [...best(1, 2), -1, -1]]);
});

test('pruning keeps the largest weights of all tensors together, and their gradients alone', () => {
  const weights = [tf.tensor1d([0.1, -3, 2, -0.5]), tf.tensor2d([[4, 0.2], [-0.3, 1]])]; // biome-ignore format: a matrix
  const masks = ops.magnitudeMasks(weights, 4);
  expect(masks.map((mask) => [...mask.dataSync()])).toEqual([
    [0, 1, 1, 0],
    [1, 0, 0, 1],
  ]);
  const further = ops.magnitudeMasks(weights, 2, masks);
  expect(further.map((mask) => [...mask.dataSync()])).toEqual([
    [0, 1, 0, 0],
    [1, 0, 0, 0],
  ]);
  const [gradient] = tf.grads((w: Tensor) => tf.sum(tf.square(ops.prune(w, masks[0]!))))([weights[0]!]);
  expect([...ops.prune(weights[0]!, masks[0]!).dataSync()]).toEqual([0, -3, 2, 0]);
  expect([...gradient!.dataSync()]).toEqual([0, -6, 4, 0]);
  expect(() => ops.magnitudeMasks(weights, 5, masks)).toThrow(/keep: expected at most the 4 weights/);
});

test('a trained model tags in TensorFlow.js as in its tagger', async () => {
  const { done } = await runTraining(
    smallConfig({ train: { sharing: 'sparse', epochs: 2 }, prune: { keep: [0.4], epochs: 1, select: 1 } }),
  );
  const sentences = smallCorpus()
    .dev.sentences.slice(0, 12)
    .map(({ tokens }) => tokens);
  const tagger = await Tagger.load(done.model);
  const scored = tagger.scoreBatch(sentences);
  tagger.dispose();

  const [softmax, encoder] = [await ops.loadEncoder(done.model, 'pos'), await ops.loadEncoder(done.model, 'ner')];
  const inputs = encoder.lookUp(sentences);
  const probabilities = tf.max(tf.softmax(softmax.emissions(softmax.encode(inputs))), 2).arraySync() as number[][];
  scored.forEach(({ pos }, b) => {
    pos!.scores.forEach((score, t) => {
      expect(probabilities[b]![t]).toBeCloseTo(score, 5);
    });
  });
  const decoded = ops.crfDecode(encoder.emissions(encoder.encode(inputs)), inputs.lengths, encoder.head.chain!).arraySync();
  const tagged = sentences.map((tokens, b) => tokens.map((_, t) => encoder.tags[decoded[b]![t]!]));
  expect(tagged).toEqual(scored.map(({ ner }) => ner!.tags));
  expect(() => encoder.encode({ ...inputs, words: tf.fill(inputs.words.shape, 1e6, 'int32') as Tensor2D })).toThrow(
    /words: expected 0 to \d+; found 1000000/,
  );
  await expect(ops.loadEncoder(done.model, 'nobody')).rejects.toThrow(/no task "nobody"; it has pos, chunk, ner/);
  encoder.dispose();
  softmax.dispose();
});

test('a head that TensorFlow.js trains learns the tags on a trained encoder', async () => {
  const column = SYNTHETIC_COLUMNS.pos;
  const tasks = [{ name: 'pos', column, type: 'tags' }];
  const { done } = await runTraining(smallConfig({ train: { sharing: 'single', epochs: 4 }, tasks }));
  const encoder = await ops.loadEncoder(done.model, 'pos');
  const corpus = smallCorpus();
  const chosen = corpus.dev.sentences.slice(0, 12);
  const sentences = chosen.map(({ tokens }) => tokens);
  const gold = chosen.map(({ labels }) => labels[corpus.columns.indexOf(column)]!.map((label) => encoder.tags.indexOf(label)));
  const { losses, tag } = trainHead(tf, ops, encoder, sentences, gold, encoder.tags.length, 80);
  expect(losses.at(-1)).toBeLessThan(0.2 * losses[0]!);
  const right = tag(sentences).flatMap((tags, b) => tags.map((found, t) => found === gold[b]![t]));
  expect(right.filter(Boolean).length / right.length).toBeGreaterThan(0.8);
  encoder.dispose();
});

test('tensors that do not fit are refused by name', () => {
  const emissions = tf.zeros([2, 3, 4]) as Tensor3D;
  const tags = tf.zeros([2, 3], 'int32') as Tensor2D;
  const transitions = tf.zeros([4, 4]) as Tensor2D;
  const loss = (changes: object, chain = { transitions }) => {
    const all = { emissions, tags, lengths: lengthsOf([3, 2]), ...changes };
    return () => ops.crfLoss(all.emissions, all.tags, all.lengths, chain);
  };
  expect(loss({})).not.toThrow();
  expect(loss({ tags: tf.zeros([2, 2], 'int32') })).toThrow('tags: expected shape [2, 3]; found [2, 2]');
  expect(loss({ tags: tf.zeros([2, 3]) })).toThrow('tags: expected dtype int32; found float32');
  expect(loss({ tags: tf.fill([2, 3], 4, 'int32') })).toThrow('tags: expected 0 to 3; found 4 at place 0');
  expect(loss({ lengths: lengthsOf([3, 4]) })).toThrow('lengths: expected 1 to 3; found 4 at place 1');
  expect(loss({ emissions: undefined })).toThrow('emissions: expected a tensor; found undefined');
  expect(loss({}, { transitions: tf.zeros([4, 3]) })).toThrow('transitions: expected shape [4, 4]; found [4, 3]');
  expect(() => ops.bilstm(emissions, lengthsOf([3, 2]), {} as BilstmWeights)).toThrow('weights.forward.recurrent: expected a tensor');
});

test('what is missing is named: TensorFlow.js, its backend, or the ops themselves', async () => {
  await expect(registerOps(undefined as unknown as Tf)).rejects.toMatchObject({ code: 'TFJS_MISSING' });
  await tf.setBackend('cpu');
  const message = expect.stringContaining('the present one is cpu');
  await expect(registerOps(tf)).rejects.toMatchObject({ code: 'TFJS_BACKEND', message });
  expect(() => ops.magnitudeMasks([tf.tensor1d([1, 2])], 1)).toThrow(/the present one is cpu/);
  await tf.setBackend('wasm');
  await expect(registerOps(tf)).rejects.toMatchObject({ code: 'TFJS_REGISTERED' });
  const weights = tf.tensor1d([1, 2]);
  ops.dispose();
  expect(() => ops.magnitudeMasks([weights], 1)).toThrow(/were disposed/);
  ops = await registerOps(tf);
  expect([...ops.magnitudeMasks([weights], 1)[0]!.dataSync()]).toEqual([0, 1]);
});

test('threads change no bit of an op or of its gradients', async () => {
  const [x, lengths] = [tf.tensor3d(numbers(5 * 9 * 8), [5, 9, 8]), lengthsOf([9, 2, 7, 7, 1])];
  const own = () => ({
    input: tf.tensor2d(numbers(24 * 8), [24, 8]),
    recurrent: tf.tensor2d(numbers(24 * 6), [24, 6]),
    bias: tf.zeros([24]),
  });
  const weights = { forward: own(), backward: own() } as unknown as BilstmWeights;
  const bitsOf = () => {
    const [y, [dx]] = [ops.bilstm(x, lengths, weights), tf.grads((v: Tensor) => tf.sum(ops.bilstm(v as Tensor3D, lengths, weights)))([x])];
    return [y.dataSync(), dx!.dataSync()];
  };
  const alone = bitsOf();
  ops.dispose();
  ops = await registerOps(tf, { threads: 3 });
  expect(bitsOf()).toEqual(alone);
  ops.dispose();
  ops = await registerOps(tf);
});

test('an op and its gradient leave nothing behind but their results', () => {
  const [x, lengths] = [tf.ones([2, 3, 4]) as Tensor3D, lengthsOf([3, 1])];
  const direction = { input: tf.ones([8, 4]), recurrent: tf.ones([8, 2]), bias: tf.ones([8]) };
  const weights = { forward: direction, backward: direction } as unknown as BilstmWeights;
  const before = tf.memory().numTensors;
  for (let i = 0; i < 3; i++) tf.dispose(tf.grad((v) => tf.sum(ops.bilstm(v as Tensor3D, lengths, weights)))(x));
  expect(tf.memory().numTensors).toBe(before);
});
