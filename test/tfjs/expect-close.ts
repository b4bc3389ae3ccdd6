import type { Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/** Relative to the greatest entry of each tensor; both sides compute in f32, in other orders. */
const TOLERANCE = 1e-4;

/** Compares tensors of which something is left to compare. */
export function expectClose(found: Tensor, expected: Tensor, name: string): void {
  expect(found.shape, name).toEqual(expected.shape);
  const [a, b] = [found.dataSync(), expected.dataSync()];
  const size = Math.max(...b.map(Math.abs));
  expect(size, name).toBeGreaterThan(1e-4);
  expect(Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) / size, name).toBeLessThanOrEqual(TOLERANCE);
}
