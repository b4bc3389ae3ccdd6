import { MASK_BITS } from '../../src/runtime/layout.js';
import { testNumbers } from './harness.js';

/** A product as the kernels see it: `rows` x `depth` weights times `depth` features of `positions`. */
export interface Shape {
  readonly rows: number;
  readonly depth: number;
  readonly positions: number;
  /** Elements between two features; more than `positions` leaves a gap that no kernel may touch. */
  readonly stride: number;
}

/** Every row, depth and position count around the tiles: below, at and above them, with and without a gap. */
export const SHAPES: readonly Shape[] = [1, 3, 4, 5, 8, 13].flatMap((rows) =>
  [1, 2, 7, 30].flatMap((depth) =>
    [4, 8, 12, 16, 20, 64].map((positions) => ({ rows, depth, positions, stride: positions + ((rows + depth) % 3) * 4 })),
  ),
);

/** Numbers in [-1, 1), rounded to f32. */
export function randomValues(count: number, seed: number): Float32Array {
  const next = testNumbers(seed);
  return Float32Array.from({ length: count }, next);
}

/** A mask over `count` elements, each kept with probability `density`; bits past the end are 0. */
export function randomMask(count: number, density: number, seed: number): Uint32Array {
  const next = testNumbers(seed);
  const words = new Uint32Array(Math.ceil(count / MASK_BITS));
  for (let e = 0; e < count; e++) if ((next() + 1) / 2 < density) words[e >> 5]! |= 1 << (e & 31);
  return words;
}

export function isKept(mask: Uint32Array, element: number): boolean {
  return ((mask[element >> 5]! >>> (element & 31)) & 1) === 1;
}

/** The weights with +0 at pruned entries. */
export function masked(weights: Float32Array, mask: Uint32Array): Float32Array {
  return weights.map((w, e) => (isKept(mask, e) ? w : 0));
}

/** Bits rather than values: tells -0 from +0. */
export function bits(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

/** Largest |a - b| over max(1, |b|). */
export function worstError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) throw new Error(`lengths differ: ${actual.length} and ${expected.length}`);
  let worst = 0;
  for (let i = 0; i < actual.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!) / Math.max(1, Math.abs(expected[i]!));
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

/** Index of the first element that differs, -1 where none does: a quick comparison of many arrays, with a telling failure. */
export function firstDifference(actual: Uint32Array, expected: Uint32Array): number {
  if (actual.length !== expected.length) throw new Error(`lengths differ: ${actual.length} and ${expected.length}`);
  return actual.findIndex((word, i) => word !== expected[i]);
}
