// decay.ts for four lanes (simd and threads builds only).
import { NEGLIGIBLE } from "./decay";

/** +0 where |v| is negligible. NaN stays, to be found. */
// @ts-ignore: decorator
@inline
export function decayedLanes(v: v128): v128 {
  return v128.andnot(v, f32x4.lt(f32x4.abs(v), f32x4.splat(NEGLIGIBLE)));
}
