// The four-lane form of tanh.ts: the same operations in the same order.
import { laneConstant } from "../common/lane-constants";
import { LOG2_E } from "./exp";
import { BIASED_ROUNDER, HALF_LN2, LARGEST, Q0, Q1, Q2, SHIFT } from "./tanh";

const TABLE = memory.data<f32>([LARGEST, SHIFT, -2 * LOG2_E, BIASED_ROUNDER, HALF_LN2, Q2, Q1, Q0, 0.5, -0.0]);

/** tanh x in each lane, the bits of `tanhS`. */
// @ts-ignore: decorator
@inline
export function tanhV(x: v128): v128 {
  const sign = laneConstant(TABLE, 9);
  const bounded = f32x4.pmin(v128.andnot(x, sign), laneConstant(TABLE, 0));
  const late = f32x4.sub(bounded, laneConstant(TABLE, 1));
  const rounder = laneConstant(TABLE, 3);
  const rounded = f32x4.add(f32x4.mul(late, laneConstant(TABLE, 2)), rounder);
  const n = f32x4.sub(rounded, rounder);
  const r = f32x4.add(f32x4.mul(n, laneConstant(TABLE, 4)), bounded);
  const g = i32x4.shl(rounded, 23);
  const z = f32x4.mul(r, r);
  let q = f32x4.add(f32x4.mul(laneConstant(TABLE, 5), z), laneConstant(TABLE, 6));
  q = f32x4.add(f32x4.mul(q, z), laneConstant(TABLE, 7));
  const t = f32x4.add(f32x4.mul(f32x4.mul(r, z), q), r);
  const oneHalf = laneConstant(TABLE, 8);
  const half = f32x4.mul(g, oneHalf);
  const a = f32x4.add(half, oneHalf);
  const b = f32x4.sub(oneHalf, half);
  const correction = f32x4.div(f32x4.mul(t, g), f32x4.mul(a, f32x4.add(a, f32x4.mul(t, b))));
  const y = f32x4.add(f32x4.div(b, a), correction);
  return v128.or(y, v128.and(x, sign));
}
