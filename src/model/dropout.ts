import type { KernelExports } from '../runtime/kernel-exports.js';
import type { Activations } from './matrix.js';
import type { Pass } from './pass.js';

/** Where the keys of an activation's positions lie: two u32 a position. */
export interface DropoutKeys {
  readonly first: number;
  readonly second: number;
}

/**
 * Inverted dropout in place: kept entries times 1 / (1 - p), dropped ones +0. The backward pass is the same call on the
 * gradient. Nothing happens when tagging or when p is 0.
 */
export function dropout(
  kernels: KernelExports,
  pass: Pass,
  x: Activations,
  features: number,
  positions: number,
  stream: number,
  probability: number,
  keys: DropoutKeys = { first: pass.memory.time, second: pass.memory.rank },
): void {
  if (!pass.random || probability === 0) return;
  const { seed, phase, step } = pass.random;
  kernels.dropout(x.pointer, x.pointer, x.stride, features, positions, keys.first, keys.second, seed, phase, stream, step, probability);
}
