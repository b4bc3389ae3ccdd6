import { MASK_BITS } from '../runtime/layout.js';

/** Mask words with `size` bits of 1, then zeros to the end of the last word. */
export function allOnes(size: number): Uint32Array {
  const bits = new Uint32Array(Math.ceil(size / MASK_BITS)).fill(0xffffffff);
  if (size % MASK_BITS > 0) bits[bits.length - 1] = (1 << (size % MASK_BITS)) - 1;
  return bits;
}
