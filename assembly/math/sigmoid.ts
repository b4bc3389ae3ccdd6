// 1 / (1 + e^-x) in f32; sigmoid.simd.ts is its four-lane form, with the same bits.
//
//   x = r + n ln 2,  g = 2^-n,  q = e^r - 1 (see exp.ts)
//   sigmoid(x) = (1 + q) / (1 + g + q) = w + w (q g / (1 + g + q)),  w = 1 / (1 + g)
//
// 1 + g is exact or negligibly not, so w carries half an ulp and the second term is a small correction to it: two
// divisions, but a third of the error of (1 + q) / (1 + g + q), which rounds three times where an ulp is smallest.
import { EXP_LEAST, expMinusOneS, LN2_HIGH, LN2_LOW, LOG2_E, ROUNDER } from "./exp";

/** Above this the result is 1 and n would leave the range of exponents. */
export const LARGEST: f32 = 88;

/** Rounds and adds the bias of the exponent, so that a shift by 23 makes 2^-n. */
export const BIASED_ROUNDER: f32 = ROUNDER + 127;

/**
 * 1 / (1 + e^-x). +0 where the result would be denormal (below -87.3365402), NaN of NaN.
 * Largest error over all f32: 1.914 ulp, at -3.8032348; above 1 ulp for 570,354 inputs.
 */
export function sigmoidS(x: f32): f32 {
  const bounded = select<f32>(LARGEST, x, LARGEST < x);
  const rounded = bounded * -LOG2_E + BIASED_ROUNDER;
  const n = rounded - BIASED_ROUNDER;
  const r = bounded + n * LN2_HIGH + n * LN2_LOW;
  const g = reinterpret<f32>(reinterpret<i32>(rounded) << 23);
  const q = expMinusOneS(r);
  const a: f32 = g + 1;
  const w: f32 = 1 / a;
  const y = w * ((q * g) / (a + q)) + w;
  return select<f32>(0, y, x < EXP_LEAST);
}
