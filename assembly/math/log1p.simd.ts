// The four-lane form of log1p.ts: the same operations in the same order.
import { logKeyV, logMantissaV, logSumV } from "./log.simd";
import { TINY } from "./log1p";

/** ln(1 + x) in each lane, the bits of `log1pS`. */
// @ts-ignore: decorator
@inline
export function log1pV(x: v128): v128 {
  const one = f32x4.splat(1);
  const u = f32x4.add(x, one);
  const c = v128.bitselect(f32x4.sub(one, f32x4.sub(u, x)), f32x4.sub(x, f32x4.sub(u, one)), f32x4.ge(x, one));
  const key = logKeyV(u);
  const exponent = i32x4.sub(i32x4.shr_s(key, 23), i32x4.splat(127));
  const scale = i32x4.shl(i32x4.max_s(i32x4.sub(i32x4.splat(127), exponent), i32x4.splat(0)), 23);
  const f = f32x4.add(f32x4.sub(logMantissaV(key), one), f32x4.mul(c, scale));
  let y = logSumV(f32x4.convert_i32x4_s(exponent), f);
  y = v128.bitselect(x, y, f32x4.lt(f32x4.abs(x), f32x4.splat(TINY)));
  y = v128.bitselect(x, y, f32x4.eq(x, f32x4.splat(f32.POSITIVE_INFINITY)));
  y = v128.bitselect(f32x4.splat(f32.NEGATIVE_INFINITY), y, f32x4.eq(x, f32x4.splat(-1)));
  return v128.bitselect(y, f32x4.splat(f32.NaN), f32x4.ge(x, f32x4.splat(-1)));
}
