// Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"): four random words
// from a counter of four words and a key of two, by ten rounds of multiplications. No state.

export const M0: u32 = 0xd2511f53;
export const M1: u32 = 0xcd9e8d57;
/** Weyl increments of the key. */
export const W0: u32 = 0x9e3779b9;
export const W1: u32 = 0xbb67ae85;
export const ROUNDS: i32 = 10;

/** Two of the four words of the block of (key, counter), the first in the low half: words 0 and 1, or 2 and 3 if `upper` is 1. */
export function philoxPair(upper: i32, key0: u32, key1: u32, c0: u32, c1: u32, c2: u32, c3: u32): u64 {
  for (let round = 0; round < ROUNDS; round++) {
    const p0 = <u64>M0 * <u64>c0;
    const p1 = <u64>M1 * <u64>c2;
    c0 = <u32>(p1 >>> 32) ^ c1 ^ key0;
    c1 = <u32>p1;
    c2 = <u32>(p0 >>> 32) ^ c3 ^ key1;
    c3 = <u32>p0;
    key0 += W0;
    key1 += W1;
  }
  return upper ? (<u64>c3 << 32) | <u64>c2 : (<u64>c1 << 32) | <u64>c0;
}

/** Word `word` (0 .. 3) of the block of (key, counter). */
export function philoxWord(word: i32, key0: u32, key1: u32, c0: u32, c1: u32, c2: u32, c3: u32): u32 {
  return <u32>(philoxPair(word >> 1, key0, key1, c0, c1, c2, c3) >>> (<u64>(word & 1) << 5));
}

/** Dropped are words below this: the share `probability` of all 2^32. */
// @ts-ignore: decorator
@inline
export function dropThreshold(probability: f32): u32 {
  return <u32>min(<f64>probability * 4294967296.0, 4294967295.0);
}
