import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { type ChainScores, chainInputs, copyRows, openChain } from './chain.js';
import { requireRange, requireTensor } from './checks.js';
import { type Op, runOp, type Tf } from './op.js';
import { lengthsOf } from './sentences.js';

/** Checks shapes and runs the op; `emissions` [B, T, K], `tags` and `lengths` int32 [B, T] and [B]. */
export function crfLoss(tf: Tf, emissions: Tensor3D, tags: Tensor2D, lengths: Tensor1D, chain: ChainScores): Scalar {
  requireTensor('emissions', emissions, 'float32', [null, null, null]);
  const [B, T, K] = emissions.shape;
  requireTensor('tags', tags, 'int32', [B, T]);
  requireTensor('lengths', lengths, 'int32', [B]);
  return runOp(tf, CRF_LOSS, [emissions, tags, lengths, ...chainInputs(chain, K)])[0] as Scalar;
}

/**
 * Emissions, tags, lengths, transitions, perhaps start and end. Gives the mean over sentences of log Z - gold score, and the
 * gradients of it, which the kernel finds on its way: of emissions (+0 behind each sentence), transitions, start and end.
 */
export const CRF_LOSS: Op = {
  name: 'SparseTagCrfLoss',
  run({ runtime, heap, inputs }) {
    const [emissions, tags, lengths, ...chain] = inputs;
    const { arena, kernels } = runtime;
    const { T, K, rowStride, transitions, start, end, scratch, sentence } = openChain({ runtime, heap }, emissions!, chain);
    const counts = lengthsOf(heap, lengths!, T);
    const gold = goldOf(heap.integers(tags!), counts, T, K);
    const path = arena.allocateWords('tags', T);
    const dEmissions = arena.allocateWords('dEmissions', counts.length * T * K);
    const dRows = arena.allocateWords('dRows', T * rowStride);
    const dTransitions = arena.allocateWords('dTransitions', K * rowStride);
    const dStart = start && arena.allocateWords('dStart', K);
    const dEnd = end && arena.allocateWords('dEnd', K);
    const scale = Math.fround(1 / counts.length);
    let sum = 0;
    counts.forEach((length, b) => {
      arena.i32(path, length).set(gold.subarray(b * T, b * T + length));
      const rows = sentence(b, length);
      sum += kernels.crfLoss(dRows, dTransitions, dStart, dEnd, rows, transitions, start, end, path, length, K, rowStride, scale, scratch);
      copyRows(runtime, dEmissions + 4 * b * T * K, K, dRows, rowStride, K, length);
    });
    const loss = arena.allocateWords('loss', 1);
    arena.f32(loss, 1)[0] = sum / counts.length;
    const dense = arena.allocateWords('dTransitions without padding', K * K);
    copyRows(runtime, dense, K, dTransitions, rowStride, K, K);
    const gradients = [heap.give(emissions!.shape, dEmissions), heap.give([K, K], dense)];
    if (chain.length > 1) gradients.push(heap.give([K], dStart), heap.give([K], dEnd));
    return [heap.give([], loss), ...gradients];
  },
  gradient: (tf) => ({
    outputsToSave: [false, true, true, true, true],
    gradFunc(dy, saved) {
      const dLoss = (dy as Tensor[])[0]!;
      // Inputs 1 and 2 are `tags` and `lengths`.
      return Object.fromEntries(saved.map((gradient, i) => [i === 0 ? 0 : i + 2, () => tf.mul(gradient, dLoss)]));
    },
  }),
};

/** @throws {ConfigError} TFJS_TAG when the tag of a token is not 0 to K - 1 */
function goldOf(tags: Int32Array, lengths: Int32Array, T: number, K: number): Int32Array {
  lengths.forEach((length, b) => {
    for (let place = b * T; place < b * T + length; place++) requireRange('TFJS_TAG', 'tags', tags[place]!, place, 0, K - 1);
  });
  return tags;
}
