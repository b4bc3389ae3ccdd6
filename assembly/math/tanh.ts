// tanh x in f32; tanh.simd.ts is its four-lane form, with the same bits.
//
//   |x| = r + n (ln 2) / 2,  t = tanh r,  g = 2^-n,  tanh(n (ln 2) / 2) = (1 - g) / (1 + g) = b / a
//   tanh |x| = b / a + t g / (a (a + t b)),  a = (1 + g) / 2,  b = (1 - g) / 2   (addition theorem)
//
// For n = 0 this is t itself, so small x keep their relative accuracy (and tiny ones their bits); for n >= 1 the second
// term is a correction to b / a. n is rounded late, so that -0.091 <= r <= 0.257: where n becomes 1 the result is above
// 1/4 and the two terms cancel little. tanh r = r + r^3 Q(r^2), Q our own minimax fit of degree 2, its coefficients
// rounded to f32 one after the other (relative error 2^-28).
import { LOG2_E, ROUNDER } from "./exp";

/** tanh rounds to 1 above this. */
export const LARGEST: f32 = reinterpret<f32>(0x411051ec); // 9.02000046

/** How late n is rounded. */
export const SHIFT: f32 = reinterpret<f32>(0x3da9fbe7); // 0.0829999968

/** ln 2 / 2; one part of it is enough, for r matters less and less as n grows. */
export const HALF_LN2: f32 = reinterpret<f32>(0x3eb17218); // 0.34657359

export const BIASED_ROUNDER: f32 = ROUNDER + 127;
export const SIGN: i32 = i32.MIN_VALUE;

export const Q0: f32 = reinterpret<f32>(0xbeaaaa85); // -0.333332211
export const Q1: f32 = reinterpret<f32>(0x3e086d91); // 0.133230463
export const Q2: f32 = reinterpret<f32>(0xbd52018f); // -0.0512710176

/**
 * tanh x. Odd to the bit, x itself where |x| is tiny, NaN of NaN.
 * Largest error over all f32: 1.688 ulp, at 0.5485636; above 1 ulp for 870,108 inputs.
 */
export function tanhS(x: f32): f32 {
  const size = abs<f32>(x);
  const bounded = select<f32>(LARGEST, size, LARGEST < size);
  const rounded = (bounded - SHIFT) * (-2 * LOG2_E) + BIASED_ROUNDER;
  const n = rounded - BIASED_ROUNDER;
  const r = n * HALF_LN2 + bounded;
  const g = reinterpret<f32>(reinterpret<i32>(rounded) << 23);
  const z = r * r;
  const t = r * z * ((Q2 * z + Q1) * z + Q0) + r;
  const half: f32 = g * 0.5;
  const a: f32 = half + 0.5;
  const b: f32 = 0.5 - half;
  const y = b / a + (t * g) / (a * (a + t * b));
  return reinterpret<f32>(reinterpret<i32>(y) | (reinterpret<i32>(x) & SIGN));
}
