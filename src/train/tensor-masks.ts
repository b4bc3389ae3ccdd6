import { countBits } from '../evaluate/overlap.js';
import type { TensorMask } from '../io/model-contents.js';
import type { ParameterTable } from '../model/parameters.js';
import { MASK_BITS } from '../runtime/layout.js';

/** A mask over the prunable plane, cut into the masks of its tensors. */
export function tensorMasks({ parameters, prunable }: ParameterTable, task: string, mask: Uint32Array): TensorMask[] {
  return parameters.flatMap(({ name: tensor, offset, size }): TensorMask[] => {
    if (offset >= prunable.end) return [];
    const first = offset / MASK_BITS;
    const bits = mask.slice(first, first + Math.ceil(size / MASK_BITS));
    return [{ task, tensor, kept: countBits(bits), bits }];
  });
}
