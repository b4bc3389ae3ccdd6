const WORD_BITS = 32;

/** Mask words with `size` bits of 1, then zeros to the end of the last word. */
export function allOnes(size: number): Uint32Array {
  const bits = new Uint32Array(Math.ceil(size / WORD_BITS)).fill(0xffffffff);
  if (size % WORD_BITS > 0) bits[bits.length - 1] = (1 << (size % WORD_BITS)) - 1;
  return bits;
}
