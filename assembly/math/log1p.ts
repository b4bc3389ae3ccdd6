// ln(1 + x) in f32; log1p.simd.ts is its four-lane form, with the same bits.
//
//   u = 1 + x rounded, c = what the rounding lost (exact), u = 2^k m,  f = (m - 1) + 2^-k c,  ln(1 + x) = k ln 2 + ln(1 + f)
//
// For k = 0, f is x itself. The rest is log.ts.
import { logKeyS, logMantissaS, logSumS } from "./log";

/** Where ln(1 + x) rounds to x: 2^-25. Also keeps the sign of zero. */
export const TINY: f32 = reinterpret<f32>(0x33000000);

/**
 * ln(1 + x). -Infinity of -1, NaN below -1 and of NaN, x where |x| is tiny.
 * Largest error over all f32: 1.437 ulp, at 0.4145852; above 1 ulp for 268,905 inputs.
 */
export function log1pS(x: f32): f32 {
  const u = x + 1;
  const c = select<f32>(1 - (u - x), x - (u - 1), x >= 1);
  const key = logKeyS(u);
  const exponent = (key >> 23) - 127;
  const scale = reinterpret<f32>(max<i32>(127 - exponent, 0) << 23);
  const f = logMantissaS(key) - 1 + c * scale;
  let y = logSumS(<f32>exponent, f);
  y = select<f32>(x, y, abs<f32>(x) < TINY);
  y = select<f32>(x, y, x == f32.POSITIVE_INFINITY);
  y = select<f32>(f32.NEGATIVE_INFINITY, y, x == -1);
  return select<f32>(y, f32.NaN, x >= -1);
}
