// decay.ts for four lanes (simd and threads builds only).
import { NEGLIGIBLE } from "./decay";
import { laneConstant } from "./lane-constants";

const TABLE = memory.data<f32>([NEGLIGIBLE, -0.0]);

/** +0 where |v| is negligible. NaN stays, to be found. */
// @ts-ignore: decorator
@inline
export function decayedLanes(v: v128): v128 {
  const size = v128.andnot(v, laneConstant(TABLE, 1));
  return v128.andnot(v, f32x4.lt(size, laneConstant(TABLE, 0)));
}
