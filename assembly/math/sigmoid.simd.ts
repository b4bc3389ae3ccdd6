// The four-lane form of sigmoid.ts: the same operations in the same order.
import { EXP_LEAST, LN2_HIGH, LN2_LOW, LOG2_E } from "./exp";
import { expMinusOneV } from "./exp.simd";
import { BIASED_ROUNDER, LARGEST } from "./sigmoid";

/** 1 / (1 + e^-x) in each lane, the bits of `sigmoidS`. */
// @ts-ignore: decorator
@inline
export function sigmoidV(x: v128): v128 {
  const bounded = f32x4.pmin(x, f32x4.splat(LARGEST));
  const rounded = f32x4.add(f32x4.mul(bounded, f32x4.splat(-LOG2_E)), f32x4.splat(BIASED_ROUNDER));
  const n = f32x4.sub(rounded, f32x4.splat(BIASED_ROUNDER));
  const r = f32x4.add(f32x4.add(bounded, f32x4.mul(n, f32x4.splat(LN2_HIGH))), f32x4.mul(n, f32x4.splat(LN2_LOW)));
  const g = i32x4.shl(rounded, 23);
  const q = expMinusOneV(r);
  const a = f32x4.add(g, f32x4.splat(1));
  const w = f32x4.div(f32x4.splat(1), a);
  const y = f32x4.add(f32x4.mul(w, f32x4.div(f32x4.mul(q, g), f32x4.add(a, q))), w);
  return v128.andnot(y, f32x4.lt(x, f32x4.splat(EXP_LEAST)));
}
