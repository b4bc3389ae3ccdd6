// The only magic numbers of the memory layout. Mirrored by src/runtime/layout.ts; a test holds the two equal.

/** SIMD lanes: sentences of a batch sit in groups of four, and every row of activations is padded to this. */
export const LANES: i32 = 4;

/** Rows in one packed weight panel: panel[r / 4][k][r % 4]. */
export const PANEL_ROWS: i32 = 4;

/** Positions in one tile of activations: tile[position / 16][feature][position % 16]. */
export const TILE_POSITIONS: i32 = 16;

/**
 * Binary logarithm of the bytes that four positions of a feature take. An index names a feature by its number times
 * these bytes: a product then finds it in a tile of any width with one instruction.
 */
export const UNIT_SHIFT: i32 = 4;

/** Bits in one word of a mask; a tensor's mask starts on a word boundary, lowest bit first. 1 = kept. */
export const MASK_BITS: i32 = 32;

/** Elements whose squares are summed together before the sum of all. */
export const SQUARES_BLOCK: i32 = 256;

/** Where the arena may begin: everything below is constant tables of the module. */
export function heapBase(): usize {
  return __heap_base;
}
