// The network from the primitive operations of TensorFlow.js: an independent implementation with its own autodiff.
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { build } from 'esbuild';
import type { ModelConfig } from '../../src/config/config.js';
import type { EncodedSentence, WordType } from '../../src/data/encode.js';
import type { HeadShape } from '../../src/model/parameters.js';

type Tf = typeof import('@tensorflow/tfjs-core');

const FOLDER = fileURLToPath(new URL('../..', import.meta.url));

/**
 * TensorFlow.js with its gradients and the backend in plain JavaScript, loaded where it is used. The build for Node has no
 * gradients, and their modules are not ones that Node can load by itself, so that they are bundled first.
 * @param more source of further modules to bundle with it
 */
export async function loadTf<More = unknown>(more = ''): Promise<Tf & More> {
  const bundle = await build({
    stdin: {
      contents: `export * from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-backend-cpu';
${more}`,
      resolveDir: FOLDER,
    },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    mainFields: ['module', 'main'],
    logLevel: 'error',
  });
  const module = { exports: {} };
  const run = compileFunction(bundle.outputFiles[0]!.text, ['module', 'exports', 'require', '__dirname']);
  run(module, module.exports, createRequire(import.meta.url), FOLDER);
  const tf = module.exports as Tf & More;
  tf.env().set('IS_TEST', true); // no advertisement on the console
  await tf.setBackend('cpu');
  return tf;
}

/** The same with the backend `wasm`, which is set. */
export async function loadWasmTf(): Promise<Tf> {
  const tf = await loadTf<Pick<typeof import('@tensorflow/tfjs-backend-wasm'), 'setWasmPaths'>>(
    `export { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';`,
  );
  tf.setWasmPaths(path.join(FOLDER, 'node_modules/@tensorflow/tfjs-backend-wasm/dist/'));
  await tf.setBackend('wasm');
  return tf;
}

/** A tensor by the name of its parameter; `words` is the word table. */
export type Tensors = (name: string) => Tensor;

/** Loss of a batch, made of operations that have gradients: mean over tokens, or over sentences for a CRF. */
export function tfLoss(
  tf: Tf,
  model: ModelConfig,
  head: HeadShape,
  tensors: Tensors,
  types: readonly WordType[],
  sentences: readonly EncodedSentence[],
): Tensor {
  const losses = sentences.map((sentence) => {
    const emissions = emissionsOf(tf, model, head, tensors, types, sentence);
    const gold = tf.cast(tf.oneHot(tf.tensor1d([...sentence.tags!], 'int32'), head.tags), 'float32') as Tensor2D;
    return head.head === 'crf' ? chainLoss(tf, head, tensors, emissions, gold) : tf.neg(tf.sum(tf.mul(tf.logSoftmax(emissions), gold)));
  });
  const count = head.head === 'crf' ? sentences.length : sentences.reduce((sum, { types }) => sum + types.length, 0);
  return tf.div(tf.addN(losses), count);
}

function emissionsOf(
  tf: Tf,
  model: ModelConfig,
  head: HeadShape,
  tensors: Tensors,
  types: readonly WordType[],
  sentence: EncodedSentence,
): Tensor2D {
  const rows = tf.tensor1d(
    Array.from(sentence.types, (type) => types[type]!.row),
    'int32',
  );
  let x = tf.gather(tensors('words') as Tensor2D, rows);
  if (model.charDimension > 0) {
    const features = Array.from(sentence.types, (type) => wordFeatures(tf, tensors, types[type]!));
    x = tf.concat([x, tf.concat(features, 0)], 1);
  }
  for (let layer = 0; layer < model.layers; layer++) {
    const named = (direction: string) => (part: string) => tensors(`lstm.${layer}.${direction}.${part}`);
    x = tf.concat([direction(tf, named('forward'), x, false), direction(tf, named('backward'), x, true)], 1);
  }
  const weight = tensors(`head.${head.name}.weight`) as Tensor2D;
  return tf.add(tf.matMul(x, weight, false, true), tensors(`head.${head.name}.bias`));
}

/** [1, charOutput] of a word: convolution with zero padding, ReLU, maximum over characters, linear. */
function wordFeatures(tf: Tf, tensors: Tensors, { characters }: WordType): Tensor2D {
  const embedded = tf.gather(tensors('char.table') as Tensor2D, tf.tensor1d([...characters], 'int32'));
  // [filters, dimension, width] to the [width, dimension, filters] of conv1d.
  const filters = tf.transpose(tensors('char.conv.weight') as Tensor3D, [2, 1, 0]);
  const filtered = tf.add(tf.conv1d(embedded, filters, 1, 'same'), tensors('char.conv.bias'));
  const pooled = tf.max(tf.relu(filtered), 0, true) as Tensor2D;
  return tf.add(tf.matMul(pooled, tensors('char.linear.weight') as Tensor2D, false, true), tensors('char.linear.bias'));
}

/** [T, hidden] of one direction. */
export function direction(tf: Tf, tensor: Tensors, x: Tensor2D, reverse: boolean): Tensor2D {
  const [input, recurrent, bias] = [tensor('input') as Tensor2D, tensor('recurrent') as Tensor2D, tensor('bias') as Tensor1D];
  const hidden = recurrent.shape[1];
  let h: Tensor2D = tf.zeros([1, hidden]);
  let c: Tensor2D = tf.zeros([1, hidden]);
  const outputs: Tensor2D[] = [];
  const steps = x.shape[0];
  for (let s = 0; s < steps; s++) {
    const t = reverse ? steps - 1 - s : s;
    const products = tf.add(tf.matMul(tf.slice(x, [t, 0], [1, -1]), input, false, true), tf.matMul(h, recurrent, false, true));
    const [i, f, g, o] = tf.split(tf.add(products, bias) as Tensor2D, 4, 1) as [Tensor2D, Tensor2D, Tensor2D, Tensor2D];
    c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
    h = tf.mul(tf.sigmoid(o), tf.tanh(c));
    outputs[t] = h;
  }
  return tf.concat(outputs, 0);
}

/** log Z - gold score by the forward recursion; `gold` one-hot [T, K]. */
export function chainLoss(tf: Tf, head: HeadShape, tensors: Tensors, emissions: Tensor2D, gold: Tensor2D): Tensor {
  const named = (part: string): Tensor => tensors(`head.${head.name}.${part}`);
  const steps = emissions.shape[0];
  const row = (m: Tensor2D, t: number): Tensor2D => tf.slice(m, [t, 0], [1, -1]);
  const transitions = named('transitions') as Tensor2D;
  let alpha: Tensor = row(emissions, 0);
  let score: Tensor = tf.sum(tf.mul(emissions, gold));
  if (head.startEnd) {
    alpha = tf.add(alpha, named('start'));
    score = tf.add(score, tf.sum(tf.mul(row(gold, 0), named('start'))));
  }
  for (let t = 1; t < steps; t++) {
    const paths = tf.add(tf.reshape(alpha, [head.tags, 1]), transitions);
    alpha = tf.add(row(emissions, t), tf.logSumExp(paths, 0));
    const pairs = tf.matMul(row(gold, t - 1), row(gold, t), true, false);
    score = tf.add(score, tf.sum(tf.mul(pairs, transitions)));
  }
  if (head.startEnd) {
    alpha = tf.add(alpha, named('end'));
    score = tf.add(score, tf.sum(tf.mul(row(gold, steps - 1), named('end'))));
  }
  return tf.sub(tf.logSumExp(alpha), score);
}
