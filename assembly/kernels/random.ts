// Computes   random words and initial values, each a function of key and counter alone.
// Source     Philox4x32-10 (common/philox.ts). Uniform: low + (high - low) u with u = (word >>> 8) 2^-24 in [0, 1).
//            Normal: the polar method of Marsaglia & Bray 1964 on pairs of elements; each attempt of each pair has its own
//            counter, so a rejected one never shifts another element.
// Order      element i takes word i mod 4 of the block with counter (i >>> 2, c1, c2, c3).
// Twin       none: integer work and single roundings, both builds run this source.
import { philoxWord } from "../common/philox";
import { logS } from "../math/log";

/** 2^-24 */
const UNIT: f32 = 5.9604644775390625e-8;

/** outPtr u32[4] = the block of (key0, key1) and counter (c0, c1, c2, c3). */
export function philox4x32(outPtr: usize, key0: u32, key1: u32, c0: u32, c1: u32, c2: u32, c3: u32): void {
  for (let word = 0; word < 4; word++) store<u32>(outPtr + (<usize>word << 2), philoxWord(word, key0, key1, c0, c1, c2, c3));
}

/** outPtr u32[n]: the words of the blocks with counters (0, c1, c2, c3), (1, c1, c2, c3), ... */
export function randomWords(outPtr: usize, n: i32, key0: u32, key1: u32, c1: u32, c2: u32, c3: u32): void {
  for (let i = 0; i < n; i++) store<u32>(outPtr + (<usize>i << 2), philoxWord(i & 3, key0, key1, <u32>i >>> 2, c1, c2, c3));
}

/** ptr f32[n] from U[low, high); blocks have counters (i >>> 2, stream, 0, 0). */
export function fillUniform(ptr: usize, n: i32, low: f32, high: f32, key0: u32, key1: u32, stream: u32): void {
  const width = high - low;
  for (let i = 0; i < n; i++) {
    const u: f32 = <f32>(philoxWord(i & 3, key0, key1, <u32>i >>> 2, stream, 0, 0) >>> 8) * UNIT;
    store<f32>(ptr + (<usize>i << 2), low + width * u);
  }
}

/** ptr f32[n] from N(0, deviation^2); attempt a of pair i has counter (i, stream, a, 0). */
export function fillNormal(ptr: usize, n: i32, deviation: f32, key0: u32, key1: u32, stream: u32): void {
  for (let i = 0; i < n; i += 2) {
    for (let attempt: u32 = 0; ; attempt++) {
      const x = <f32>(philoxWord(0, key0, key1, <u32>i >>> 1, stream, attempt, 0) >>> 8) * UNIT * 2 - 1;
      const y = <f32>(philoxWord(1, key0, key1, <u32>i >>> 1, stream, attempt, 0) >>> 8) * UNIT * 2 - 1;
      const s = x * x + y * y;
      if (s >= 1 || s == 0) continue;
      const scale = deviation * sqrt<f32>((-2 * logS(s)) / s);
      store<f32>(ptr + (<usize>i << 2), x * scale);
      if (i + 1 < n) store<f32>(ptr + (<usize>i << 2), y * scale, 4);
      break;
    }
  }
}
