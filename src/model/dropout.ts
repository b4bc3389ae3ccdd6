import { LANES } from '../runtime/layout.js';
import type { Work } from '../runtime/work.js';
import { type Activations, at } from './matrix.js';
import type { Pass } from './pass.js';
import { spread } from './ranges.js';

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
  work: Work,
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
  spread(work, positions, LANES, (p, n) => {
    const here = at(x, 0, p);
    work.add('dropout', here, here, x.stride, features, n, keys.first + 4 * p, keys.second + 4 * p, seed, phase, stream, step, probability);
  });
}
