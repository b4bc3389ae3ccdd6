import type { Tensor } from '@tensorflow/tfjs-core';
import { requireTensor } from './checks.js';
import { sizeOf } from './heap.js';
import { type Op, runOp, type Tf } from './op.js';

/** Checks shapes and runs the op; `mask` bool of the shape of `weights`. */
export function prune<T extends Tensor>(tf: Tf, weights: T, mask: Tensor): T {
  requireTensor('weights', weights, 'float32', weights?.shape ?? []);
  requireTensor('mask', mask, 'bool', weights.shape);
  return runOp(tf, PRUNE, [weights, mask])[0] as T;
}

/** Weights and their mask; gives the weights with +0 for pruned ones. Selects, as its gradient does: no NaN gets through. */
export const PRUNE: Op = {
  name: 'SparseTagPrune',
  run({ runtime, heap, inputs }) {
    const [weights, mask] = inputs;
    const pointer = heap.take('weights', weights!);
    runtime.kernels.maskApply(pointer, heap.takeMask('mask', mask!), sizeOf(weights!));
    return [heap.give(weights!.shape, pointer)];
  },
  gradient: (tf) => ({
    inputsToSave: ['1'],
    gradFunc(dy, saved) {
      const [gradient] = runOp(tf, PRUNE, [dy as Tensor, saved[0]!]);
      return { 0: () => gradient! };
    },
  }),
};
