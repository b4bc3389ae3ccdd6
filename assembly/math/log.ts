// ln x in f32; log.simd.ts is its four-lane form, with the same bits.
//
//   x = 2^k m,  sqrt(1/2) <= m < sqrt(2),  f = m - 1 (exact),  ln x = k ln 2 + f - f^2 / 2 + f^3 P(f)
//
// Source: the reduction and the split of the series are those of Cephes logf (Moshier); P is our own minimax fit of degree
// 7, its coefficients rounded to f32 one after the other (error 2^-27.3 relative to ln(1 + f)).
import { LN2_HIGH, LN2_LOW } from "./exp";

export const ONE_BITS: i32 = 0x3f800000;

/** Bits of sqrt(1/2) = 0.707106769: where m begins. */
export const M_LEAST_BITS: i32 = 0x3f3504f3;

export const MANTISSA: i32 = 0x007fffff;
export const NORMAL_LEAST: f32 = reinterpret<f32>(0x00800000); // 2^-126
export const DENORMAL_SCALE: f32 = 33554432; // 2^25

export const P0: f32 = reinterpret<f32>(0x3eaaaaaa); // 0.333333313
export const P1: f32 = reinterpret<f32>(0xbe800115); // -0.250008255
export const P2: f32 = reinterpret<f32>(0x3e4cd014); // 0.200012505
export const P3: f32 = reinterpret<f32>(0xbe2a38b3); // -0.166231915
export const P4: f32 = reinterpret<f32>(0x3e116b8d); // 0.142011836
export const P5: f32 = reinterpret<f32>(0xbe06c5f7); // -0.131614551
export const P6: f32 = reinterpret<f32>(0x3e02b99c); // 0.127661169
export const P7: f32 = reinterpret<f32>(0xbd9c6465); // -0.0763633624

/** The bits of x moved so that the exponent field counts from sqrt(1/2). */
// @ts-ignore: decorator
@inline
export function logKeyS(x: f32): i32 {
  return reinterpret<i32>(x) + (ONE_BITS - M_LEAST_BITS);
}

/** m of a key. */
// @ts-ignore: decorator
@inline
export function logMantissaS(key: i32): f32 {
  return reinterpret<f32>((key & MANTISSA) + M_LEAST_BITS);
}

/** k ln 2 + ln(1 + f), smallest terms first. */
// @ts-ignore: decorator
@inline
export function logSumS(k: f32, f: f32): f32 {
  const z = f * f;
  const p = ((((((P7 * f + P6) * f + P5) * f + P4) * f + P3) * f + P2) * f + P1) * f + P0;
  return k * LN2_HIGH + (f + (p * (f * z) + k * LN2_LOW - z * 0.5));
}

/**
 * ln x. -Infinity of +-0, NaN below 0 and of NaN.
 * Largest error over all f32: 0.861 ulp, at 0.6989353.
 */
export function logS(x: f32): f32 {
  const isDenormal = x < NORMAL_LEAST;
  const key = logKeyS(select<f32>(x * DENORMAL_SCALE, x, isDenormal));
  const k = <f32>((key >> 23) - 127) - select<f32>(25, 0, isDenormal);
  let y = logSumS(k, logMantissaS(key) - 1);
  y = select<f32>(x, y, x == f32.POSITIVE_INFINITY);
  y = select<f32>(f32.NEGATIVE_INFINITY, y, x == 0);
  return select<f32>(y, f32.NaN, x >= 0);
}
