import type { Tensor } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors.js';
import { allOnes } from '../evaluate/mask-bits.js';
import { MASK_BITS, roundUp } from '../runtime/layout.js';
import { requireTensor } from './checks.js';
import { sizeOf, unpackBits } from './heap.js';
import { type Op, runOp, type Tf } from './op.js';

/** Checks shapes and runs the op; `masks`, if given, are bool and of the shapes of `weights`. */
export function magnitudeMasks(tf: Tf, weights: readonly Tensor[], keep: number, masks: readonly Tensor[] = []): Tensor[] {
  weights.forEach((weight, i) => {
    requireTensor(`weights[${i}]`, weight, 'float32', weight?.shape ?? []);
  });
  if (masks.length > 0 && masks.length !== weights.length)
    throw new ConfigError('TFJS_SHAPE', `masks: expected none or ${weights.length}; found ${masks.length}`);
  masks.forEach((mask, i) => {
    requireTensor(`masks[${i}]`, mask, 'bool', weights[i]!.shape);
  });
  if (!(Number.isInteger(keep) && keep >= 0)) throw new ConfigError('TFJS_KEEP', `keep: expected a whole number; found ${keep}`);
  return weights.length > 0 ? runOp(tf, MAGNITUDE_MASKS, [...weights, ...masks], { keep, count: weights.length }) : [];
}

/**
 * Magnitude pruning over all tensors together: `count` of weights, then none or as many masks; gives the masks that keep exactly
 * `keep` of the weights kept before, the largest, ties to the lower index. No gradient: a mask is piecewise constant.
 */
export const MAGNITUDE_MASKS: Op = {
  name: 'SparseTagMagnitudeMasks',
  run({ runtime, heap, inputs, attributes }) {
    const { arena, kernels } = runtime;
    const [keep, count] = [attributes.keep, attributes.count] as [number, number];
    const weights = inputs.slice(0, count);
    const sizes = weights.map(sizeOf);
    const begins = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + roundUp(size, MASK_BITS), 0));
    const n = begins.at(-1)! + roundUp(sizes.at(-1)!, MASK_BITS);
    const plane = arena.allocateWords('weights', n);
    const mask = arena.allocateWords('mask', n / MASK_BITS);
    weights.forEach((weight, i) => {
      heap.copy(weight, plane + 4 * begins[i]!);
      const bits = arena.u32(mask + begins[i]! / 8, Math.ceil(sizes[i]! / MASK_BITS));
      const before = inputs[count + i];
      if (before) heap.copyMask(before, bits);
      else bits.set(allOnes(sizes[i]!));
    });
    const have = kernels.maskCount(mask, n / MASK_BITS);
    if (keep > have) throw new ConfigError('TFJS_KEEP', `keep: expected at most the ${have} weights kept before; found ${keep}`);
    kernels.pruneByMagnitude(mask, plane, mask, n, keep, arena.allocate('scratch', kernels.pruneScratchBytes()));
    return weights.map(({ shape }, i) => {
      const bits = arena.u32(mask + begins[i]! / 8, Math.ceil(sizes[i]! / MASK_BITS));
      return heap.giveValues(shape, 'bool', unpackBits(bits, sizes[i]!));
    });
  },
};
