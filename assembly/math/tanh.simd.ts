// The four-lane form of tanh.ts: the same operations in the same order.
import { LOG2_E } from "./exp";
import { BIASED_ROUNDER, HALF_LN2, LARGEST, Q0, Q1, Q2, SHIFT, SIGN } from "./tanh";

/** tanh x in each lane, the bits of `tanhS`. */
// @ts-ignore: decorator
@inline
export function tanhV(x: v128): v128 {
  const bounded = f32x4.pmin(f32x4.abs(x), f32x4.splat(LARGEST));
  const late = f32x4.sub(bounded, f32x4.splat(SHIFT));
  const rounded = f32x4.add(f32x4.mul(late, f32x4.splat(-2 * LOG2_E)), f32x4.splat(BIASED_ROUNDER));
  const n = f32x4.sub(rounded, f32x4.splat(BIASED_ROUNDER));
  const r = f32x4.add(f32x4.mul(n, f32x4.splat(HALF_LN2)), bounded);
  const g = i32x4.shl(rounded, 23);
  const z = f32x4.mul(r, r);
  let q = f32x4.add(f32x4.mul(f32x4.splat(Q2), z), f32x4.splat(Q1));
  q = f32x4.add(f32x4.mul(q, z), f32x4.splat(Q0));
  const t = f32x4.add(f32x4.mul(f32x4.mul(r, z), q), r);
  const half = f32x4.mul(g, f32x4.splat(0.5));
  const a = f32x4.add(half, f32x4.splat(0.5));
  const b = f32x4.sub(f32x4.splat(0.5), half);
  const correction = f32x4.div(f32x4.mul(t, g), f32x4.mul(a, f32x4.add(a, f32x4.mul(t, b))));
  const y = f32x4.add(f32x4.div(b, a), correction);
  return v128.or(y, v128.and(x, i32x4.splat(SIGN)));
}
