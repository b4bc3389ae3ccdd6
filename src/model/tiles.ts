import { roundUp, TILE_POSITIONS } from '../runtime/layout.js';
import type { Work } from '../runtime/work.js';
import type { Activations, Matrix } from './matrix.js';
import { cut, partsFor } from './ranges.js';

/** Elements of `features` rows of activations as tiles. */
export function tiledElements(features: number, positions: number): number {
  return features * roundUp(positions, TILE_POSITIONS);
}

/**
 * Copies activations to tiles at `tiles`, the form that sparse products read, if one of `readers` is sparse. All of them
 * then read this one copy.
 */
export function tiled(
  work: Work,
  x: Activations,
  features: number,
  positions: number,
  tiles: number,
  readers: readonly Matrix[],
): Activations {
  if (readers.every((matrix) => !matrix.isSparse)) return x;
  for (const { begin, end } of cut(Math.ceil(positions / TILE_POSITIONS), 1, partsFor(work.threads))) {
    work.add('packTiles', tiles, x.pointer, x.stride, features, positions, begin, end);
  }
  work.join();
  return { ...x, tiles };
}
