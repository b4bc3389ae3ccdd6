// Computes   the scalar twin of sgd.ts.
import { decayed } from "../common/decay";
import { isKept } from "../common/mask-bits";

/** g * scale within [-clip, clip]; NaN stays NaN. */
// @ts-ignore: decorator
@inline
export function clipped(g: f32, scale: f32, clip: f32): f32 {
  const scaled = g * scale;
  const capped = select<f32>(clip, scaled, clip < scaled);
  return select<f32>(-clip, capped, capped < -clip);
}

export function sgdMomentum(
  wPtr: usize,
  vPtr: usize,
  gPtr: usize,
  maskPtr: usize,
  n: i32,
  rate: f32,
  momentum: f32,
  gradientScale: f32,
  clipValue: f32,
  coasting: i32,
): void {
  for (let e = 0; e < n; ++e) {
    const at = <usize>e << 2;
    const kept = isKept(maskPtr, e);
    if (!kept && !coasting) continue;
    const g: f32 = kept ? clipped(load<f32>(gPtr + at), gradientScale, clipValue) : 0;
    const v = decayed(momentum * load<f32>(vPtr + at) + g);
    store<f32>(vPtr + at, v);
    store<f32>(wPtr + at, load<f32>(wPtr + at) - rate * v);
  }
}

export function sgdReplayRow(wPtr: usize, vPtr: usize, n: i32, ratesPtr: usize, first: i32, last: i32, momentum: f32): void {
  for (let s = first; s < last; ++s) {
    const rate = load<f32>(ratesPtr + (<usize>s << 2));
    for (let e = 0; e < n; ++e) {
      const at = <usize>e << 2;
      const v = decayed(momentum * load<f32>(vPtr + at) + 0);
      store<f32>(vPtr + at, v);
      store<f32>(wPtr + at, load<f32>(wPtr + at) - rate * v);
    }
  }
}

export function sgdReplayRows(
  wPtr: usize,
  vPtr: usize,
  n: i32,
  rowsPtr: usize,
  begin: i32,
  end: i32,
  rowStepsPtr: usize,
  ratesPtr: usize,
  step: i32,
  momentum: f32,
): void {
  for (let i = begin; i < end; i++) {
    const row = rowsPtr ? load<i32>(rowsPtr + (<usize>i << 2)) : i;
    if (row < 0) continue;
    const done = rowStepsPtr + (<usize>row << 2);
    const at = (<usize>row * n) << 2;
    sgdReplayRow(wPtr + at, vPtr + at, n, ratesPtr, load<i32>(done), step, momentum);
    store<i32>(done, step);
  }
}

export function sgdMomentumRows(
  wPtr: usize,
  vPtr: usize,
  gPtr: usize,
  n: i32,
  rowsPtr: usize,
  begin: i32,
  end: i32,
  rowStepsPtr: usize,
  ratesPtr: usize,
  step: i32,
  momentum: f32,
  gradientScale: f32,
  clipValue: f32,
): void {
  sgdReplayRows(wPtr, vPtr, n, rowsPtr, begin, end, rowStepsPtr, ratesPtr, step, momentum);
  const rate = load<f32>(ratesPtr + (<usize>step << 2));
  for (let i = begin; i < end; i++) {
    const row = load<i32>(rowsPtr + (<usize>i << 2));
    const at = (<usize>row * n) << 2;
    sgdMomentum(wPtr + at, vPtr + at, gPtr + ((<usize>i * n) << 2), 0, n, rate, momentum, gradientScale, clipValue, 0);
    store<i32>(rowStepsPtr + (<usize>row << 2), step + 1);
  }
}
