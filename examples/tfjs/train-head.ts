// Trains a CRF head of a new task in TensorFlow.js, on the encoder of a trained model. A page begins so:
//
//   import * as tf from '@tensorflow/tfjs-core';
//   import '@tensorflow/tfjs-core/dist/register_all_gradients';
//   import '@tensorflow/tfjs-backend-wasm';
//   import { registerOps } from 'sparsetag/tfjs';
//
//   await tf.setBackend('wasm');
//   const ops = await registerOps(tf);
//   const encoder = await ops.loadEncoder(new Uint8Array(await (await fetch('model.safetensors')).arrayBuffer()), 'ner');
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import type { Encoder, Ops } from 'sparsetag/tfjs';

/**
 * @param tags the number of each token's tag, 0 to `count` - 1, by sentence
 * @returns the loss after each step, and a function that tags other sentences
 */
export function trainHead(
  tf: typeof import('@tensorflow/tfjs-core'),
  ops: Ops,
  encoder: Encoder,
  sentences: readonly (readonly string[])[],
  tags: readonly (readonly number[])[],
  count: number,
  steps = 40,
) {
  const inputs = encoder.lookUp(sentences);
  const features = encoder.encode(inputs);
  const [B, T, width] = features.shape;
  const padded = tags.map((own) => [...own, ...new Array<number>(T - own.length).fill(0)]);
  const gold = tf.tensor2d(padded, [B, T], 'int32');
  const weight = tf.variable(tf.zeros([width, count]) as Tensor2D);
  const transitions = tf.variable(tf.zeros([count, count]) as Tensor2D);
  const emissionsOf = (x: Tensor3D) => {
    const rows = tf.reshape(x, [-1, width]) as Tensor2D;
    return tf.reshape(tf.matMul(rows, weight), [x.shape[0], x.shape[1], count]) as Tensor3D;
  };
  const optimizer = tf.train.adam(0.1);
  const losses = Array.from({ length: steps }, () =>
    tf.tidy(() => {
      const loss = optimizer.minimize(() => ops.crfLoss(emissionsOf(features), gold, inputs.lengths, { transitions }), true);
      return loss!.dataSync()[0]!;
    }),
  );
  const tag = (others: readonly (readonly string[])[]): number[][] =>
    tf.tidy(() => {
      const own = encoder.lookUp(others);
      const best = ops.crfDecode(emissionsOf(encoder.encode(own)), own.lengths, { transitions }).arraySync();
      return others.map((tokens, b) => best[b]!.slice(0, tokens.length));
    });
  return { losses, tag };
}
