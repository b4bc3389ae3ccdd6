// Mirror of assembly/common/layout.ts; test/kernels/registry.test.ts holds the two equal.

/** SIMD lanes: batches are padded to groups of four sentences. */
export const LANES = 4;

/** Rows in one packed weight panel. */
export const PANEL_ROWS = 4;

/** Positions in one tile of activations, as sparse products read them. */
export const TILE_POSITIONS = 16;

/** Bits in one word of a mask; prunable tensors are padded to this many elements. */
export const MASK_BITS = 32;

/** Elements whose squares are summed together before the sum of all. */
export const SQUARES_BLOCK = 256;

/** The smallest multiple of `unit` that is at least `value`. */
export function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
