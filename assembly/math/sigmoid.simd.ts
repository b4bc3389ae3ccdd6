// The four-lane form of sigmoid.ts: the same operations in the same order.
import { laneConstant } from "../common/lane-constants";
import { EXP_LEAST, LN2_HIGH, LN2_LOW, LOG2_E } from "./exp";
import { expMinusOneV } from "./exp.simd";
import { BIASED_ROUNDER, LARGEST } from "./sigmoid";

const TABLE = memory.data<f32>([LARGEST, -LOG2_E, BIASED_ROUNDER, LN2_HIGH, LN2_LOW, 1, EXP_LEAST]);

/** 1 / (1 + e^-x) in each lane, the bits of `sigmoidS`. */
// @ts-ignore: decorator
@inline
export function sigmoidV(x: v128): v128 {
  const bounded = f32x4.pmin(x, laneConstant(TABLE, 0));
  const rounder = laneConstant(TABLE, 2);
  const rounded = f32x4.add(f32x4.mul(bounded, laneConstant(TABLE, 1)), rounder);
  const n = f32x4.sub(rounded, rounder);
  const r = f32x4.add(f32x4.add(bounded, f32x4.mul(n, laneConstant(TABLE, 3))), f32x4.mul(n, laneConstant(TABLE, 4)));
  const g = i32x4.shl(rounded, 23);
  const q = expMinusOneV(r);
  const one = laneConstant(TABLE, 5);
  const a = f32x4.add(g, one);
  const w = f32x4.div(one, a);
  const y = f32x4.add(f32x4.mul(w, f32x4.div(f32x4.mul(q, g), f32x4.add(a, q))), w);
  return v128.andnot(y, f32x4.lt(x, laneConstant(TABLE, 6)));
}
