// The four-lane form of log.ts: the same operations in the same order.
import { LN2_HIGH, LN2_LOW } from "./exp";
import { DENORMAL_SCALE, M_LEAST_BITS, MANTISSA, NORMAL_LEAST, ONE_BITS, P0, P1, P2, P3, P4, P5, P6, P7 } from "./log";

// @ts-ignore: decorator
@inline
export function logKeyV(x: v128): v128 {
  return i32x4.add(x, i32x4.splat(ONE_BITS - M_LEAST_BITS));
}

// @ts-ignore: decorator
@inline
export function logMantissaV(key: v128): v128 {
  return i32x4.add(v128.and(key, i32x4.splat(MANTISSA)), i32x4.splat(M_LEAST_BITS));
}

// @ts-ignore: decorator
@inline
export function logSumV(k: v128, f: v128): v128 {
  const z = f32x4.mul(f, f);
  let p = f32x4.add(f32x4.mul(f32x4.splat(P7), f), f32x4.splat(P6));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(P5));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(P4));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(P3));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(P2));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(P1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(P0));
  const small = f32x4.add(f32x4.mul(p, f32x4.mul(f, z)), f32x4.mul(k, f32x4.splat(LN2_LOW)));
  const rest = f32x4.add(f, f32x4.sub(small, f32x4.mul(z, f32x4.splat(0.5))));
  return f32x4.add(f32x4.mul(k, f32x4.splat(LN2_HIGH)), rest);
}

/** ln x in each lane, the bits of `logS`. */
// @ts-ignore: decorator
@inline
export function logV(x: v128): v128 {
  const isDenormal = f32x4.lt(x, f32x4.splat(NORMAL_LEAST));
  const key = logKeyV(v128.bitselect(f32x4.mul(x, f32x4.splat(DENORMAL_SCALE)), x, isDenormal));
  const exponent = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_s(key, 23), i32x4.splat(127)));
  const k = f32x4.sub(exponent, v128.and(f32x4.splat(25), isDenormal));
  let y = logSumV(k, f32x4.sub(logMantissaV(key), f32x4.splat(1)));
  y = v128.bitselect(x, y, f32x4.eq(x, f32x4.splat(f32.POSITIVE_INFINITY)));
  y = v128.bitselect(f32x4.splat(f32.NEGATIVE_INFINITY), y, f32x4.eq(x, f32x4.splat(0)));
  return v128.bitselect(y, f32x4.splat(f32.NaN), f32x4.ge(x, f32x4.splat(0)));
}
