// The four-lane form of exp.ts: the same operations in the same order.
import { laneConstant } from "../common/lane-constants";
import { EXP_LARGEST, EXP_LEAST, LN2_HIGH, LN2_LOW, LOG2_E, P0, P1, P2, P3, P4, ROUNDER } from "./exp";

const TABLE = memory.data<f32>([P0, P1, P2, P3, P4]);

/** e^r - 1 for |r| <= ln 2 / 2, in each lane. */
// @ts-ignore: decorator
@inline
export function expMinusOneV(r: v128): v128 {
  let p = f32x4.add(f32x4.mul(laneConstant(TABLE, 4), r), laneConstant(TABLE, 3));
  p = f32x4.add(f32x4.mul(p, r), laneConstant(TABLE, 2));
  p = f32x4.add(f32x4.mul(p, r), laneConstant(TABLE, 1));
  p = f32x4.add(f32x4.mul(p, r), laneConstant(TABLE, 0));
  return f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r);
}

/** e^x in each lane, the bits of `expS`. */
// @ts-ignore: decorator
@inline
export function expV(x: v128): v128 {
  const rounded = f32x4.add(f32x4.mul(x, f32x4.splat(LOG2_E)), f32x4.splat(ROUNDER));
  const n = f32x4.sub(rounded, f32x4.splat(ROUNDER));
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(n, f32x4.splat(LN2_HIGH))), f32x4.mul(n, f32x4.splat(LN2_LOW)));
  const p = f32x4.add(expMinusOneV(r), f32x4.splat(1));
  let y = i32x4.add(p, i32x4.shl(rounded, 23));
  y = v128.andnot(y, f32x4.lt(x, f32x4.splat(EXP_LEAST)));
  y = v128.bitselect(f32x4.splat(f32.POSITIVE_INFINITY), y, f32x4.gt(x, f32x4.splat(EXP_LARGEST)));
  return v128.bitselect(x, y, f32x4.ne(x, x));
}
