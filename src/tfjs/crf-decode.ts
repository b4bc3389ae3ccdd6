import type { Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { type ChainScores, chainInputs, openChain } from './chain.js';
import { requireTensor } from './checks.js';
import { type Op, runOp, type Tf } from './op.js';
import { lengthsOf } from './sentences.js';

/** Checks shapes and runs the op; `emissions` [B, T, K], `lengths` [B]. */
export function crfDecode(tf: Tf, emissions: Tensor3D, lengths: Tensor1D, chain: ChainScores): Tensor2D {
  requireTensor('emissions', emissions, 'float32', [null, null, null]);
  requireTensor('lengths', lengths, 'int32', [emissions.shape[0]]);
  return runOp(tf, CRF_DECODE, [emissions, lengths, ...chainInputs(chain, emissions.shape[2])])[0] as Tensor2D;
}

/** Emissions, lengths, transitions, perhaps start and end; gives the best tags int32 [B, T], -1 behind each sentence. No gradient. */
export const CRF_DECODE: Op = {
  name: 'SparseTagCrfDecode',
  run({ runtime, heap, inputs }) {
    const [emissions, lengths, ...chain] = inputs;
    const { arena, kernels } = runtime;
    const { T, K, rowStride, transitions, start, end, scratch, sentence } = openChain({ runtime, heap }, emissions!, chain);
    const counts = lengthsOf(heap, lengths!, T);
    const path = arena.allocateWords('tags', T);
    const best = new Int32Array(counts.length * T).fill(-1);
    counts.forEach((length, b) => {
      kernels.crfViterbi(path, sentence(b, length), transitions, start, end, length, K, rowStride, scratch);
      best.set(arena.i32(path, length), b * T);
    });
    return [heap.giveValues([counts.length, T], 'int32', best)];
  },
};
