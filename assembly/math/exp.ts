// e^x in f32; exp.simd.ts is its four-lane form, with the same bits.
//
//   n = round(x / ln 2),  r = x - n ln 2 (|r| <= ln 2 / 2),  e^x = 2^n (1 + q(r)),  q(r) = e^r - 1 = r + r^2 P(r)
//
// Source: argument reduction after Cody and Waite, Software Manual for the Elementary Functions (1980), chapter 6;
// P is our own minimax fit of degree 4, its coefficients rounded to f32 one after the other (relative error of
// 1 + q: 2^-28.2).

/** 1.5 * 2^23: adding it rounds to the nearest integer (ties to even), which then stands in the low bits. */
export const ROUNDER: f32 = 12582912;

/** log2(e) = 1.44269502. */
export const LOG2_E: f32 = reinterpret<f32>(0x3fb8aa3b);

/** The upper part of ln 2 = 0.693359375 with 9 significant bits, so that its product with n is exact. */
export const LN2_HIGH: f32 = reinterpret<f32>(0x3f318000);

/** ln 2 - LN2_HIGH = -2.12194440e-4. */
export const LN2_LOW: f32 = reinterpret<f32>(0xb95e8083);

/** The least x with e^x >= 2^-126: -87.3365402. Below it the result would be denormal and is +0. */
export const EXP_LEAST: f32 = reinterpret<f32>(0xc2aeac4f);

/** The largest x with a finite e^x: 88.7228317. */
export const EXP_LARGEST: f32 = reinterpret<f32>(0x42b17217);

export const P0: f32 = reinterpret<f32>(0x3efffffe); // 0.49999994
export const P1: f32 = reinterpret<f32>(0x3e2aaa49); // 0.166665211
export const P2: f32 = reinterpret<f32>(0x3d2aac5f); // 0.0416682921
export const P3: f32 = reinterpret<f32>(0x3c091cf6); // 0.00836872123
export const P4: f32 = reinterpret<f32>(0x3ab52001); // 0.0013818742

/** e^r - 1 for |r| <= ln 2 / 2. */
// @ts-ignore: decorator
@inline
export function expMinusOneS(r: f32): f32 {
  return ((((P4 * r + P3) * r + P2) * r + P1) * r + P0) * (r * r) + r;
}

/**
 * e^x. +0 where the result would be denormal, +Infinity above 88.7228317, NaN of NaN.
 * Largest error over all f32: 0.991 ulp, at 70.403099.
 */
export function expS(x: f32): f32 {
  const rounded = x * LOG2_E + ROUNDER;
  const n = rounded - ROUNDER;
  const r = x - n * LN2_HIGH - n * LN2_LOW;
  const p = expMinusOneS(r) + 1;
  let y = reinterpret<f32>(reinterpret<i32>(p) + (reinterpret<i32>(rounded) << 23));
  y = select<f32>(0, y, x < EXP_LEAST);
  y = select<f32>(f32.POSITIVE_INFINITY, y, x > EXP_LARGEST);
  return select<f32>(x, y, x != x);
}
