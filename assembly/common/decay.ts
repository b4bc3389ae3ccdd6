// Values that decay (velocities, moments, cell states, recurrent gradients) become +0 before they turn denormal and slow.

export const NEGLIGIBLE: f32 = 1e-30;

/** +0 where |v| is negligible. NaN stays, to be found. */
// @ts-ignore: decorator
@inline
export function decayed(v: f32): f32 {
  return select<f32>(0, v, abs<f32>(v) < NEGLIGIBLE);
}
