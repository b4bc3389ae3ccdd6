// Computes   random words, and uniform and normal values made of them, each a function of key and counter alone.
// Source     Philox4x32-10 (common/philox.ts); polar method, Marsaglia & Bray 1964. Known answers: test/kernels/random.test.ts.
// Order      word w of the stream (c1, c2, c3) is word w & 3 of the block with counter (w >> 2, c1, c2, c3).
// Twin       none: integer work and single roundings, both builds run this source.
import { philoxPair } from "../common/philox";
import { logS } from "../math/log";

/** 2^-24 and 2^-23: they make a fraction of 24 random bits, without or with a sign. */
const UNIT: f32 = 5.9604644775390625e-8;
const SIGNED_UNIT: f32 = 1.1920928955078125e-7;

/** Last word of a counter: keeps the blocks of a stream's normal values apart from those of its uniform ones. */
const NORMAL: u32 = 1;

/** outPtr u32[4] = the block of (key0, key1) and counter (c0, c1, c2, c3). */
export function philox4x32(outPtr: usize, key0: u32, key1: u32, c0: u32, c1: u32, c2: u32, c3: u32): void {
  store<u64>(outPtr, philoxPair(0, key0, key1, c0, c1, c2, c3));
  store<u64>(outPtr, philoxPair(1, key0, key1, c0, c1, c2, c3), 8);
}

/** outPtr u32[n] = the first n words of the stream (c1, c2, c3). */
export function randomWords(outPtr: usize, n: i32, key0: u32, key1: u32, c1: u32, c2: u32, c3: u32): void {
  for (let w = 0; w < n; w += 2) {
    const at = outPtr + (<usize>w << 2);
    const pair = philoxPair((w >> 1) & 1, key0, key1, w >> 2, c1, c2, c3);
    if (w + 1 < n) store<u64>(at, pair);
    else store<u32>(at, <u32>pair);
  }
}

/** ptr f32[n] = low + (high - low) u, u = (word >>> 8) 2^-24 in [0, 1), words of the stream (stream, 0, 0). */
export function fillUniform(ptr: usize, n: i32, low: f32, high: f32, key0: u32, key1: u32, stream: u32): void {
  randomWords(ptr, n, key0, key1, stream, 0, 0);
  const width = high - low;
  for (let i = 0; i < n; i++) {
    const at = ptr + (<usize>i << 2);
    const u: f32 = <f32>(load<u32>(at) >>> 8) * UNIT;
    store<f32>(at, low + width * u);
  }
}

/**
 * ptr f32[n] from N(0, deviation^2): elements 2i and 2i + 1 are deviation (x f) and deviation (y f), f = sqrt(-2 ln(s) / s),
 * s = x x + y y, of the first attempt with 0 < s < 1. Attempt a takes words 0 and 1 of counter (i, stream, a, 1), signed, each
 * >> 8 and times 2^-23; so a rejected one never shifts another element.
 */
export function fillNormal(ptr: usize, n: i32, deviation: f32, key0: u32, key1: u32, stream: u32): void {
  for (let i = 0; i < n; i += 2) {
    let x: f32 = 0;
    let y: f32 = 0;
    let s: f32 = 0;
    for (let attempt: u32 = 0; s == 0 || s >= 1; attempt++) {
      const pair = philoxPair(0, key0, key1, <u32>i >>> 1, stream, attempt, NORMAL);
      x = <f32>(<i32>pair >> 8) * SIGNED_UNIT;
      y = <f32>(<i32>(pair >>> 32) >> 8) * SIGNED_UNIT;
      s = x * x + y * y;
    }
    const factor = sqrt<f32>((-2 * logS(s)) / s);
    const at = ptr + (<usize>i << 2);
    store<f32>(at, deviation * (x * factor));
    if (i + 1 < n) store<f32>(at, deviation * (y * factor), 4);
  }
}
