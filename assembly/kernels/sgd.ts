// Computes   a step of gradient descent with momentum, and the steps a row missed while its gradient was zero; both also
//            for a list of rows of a table.
// Source     Polyak 1964 in the form v <- mu v + g, w <- w - rate v (no Nesterov, no decay).
// Reads      g f32[n]; bits of the mask (0 = all kept). Reads and writes w, v f32[n].
// Order      per element: g' = max(min(g * gradientScale, clipValue), -clipValue); v = momentum * v + g';
//            v = +0 where |v| < 1e-30; w = w - rate * v. NaN passes through. clipValue = Infinity: none.
//            A pruned element keeps its w and v; with `coasting` 1 its g' is +0 and it moves on.
// Tiles      elements are independent; a tile begins at a multiple of 32 when there is a mask.
// Aliasing   none.
// Preconditions  rate >= 0.
// Twin       sgd.scalar.ts
import { decayed } from "../common/decay";
import { decayedLanes } from "../common/decay-lanes";
import { MASK_BITS } from "../common/layout";
import { isKept } from "../common/mask-bits";
import { lanesOfBits } from "../common/mask-lanes";
import { clipped } from "./sgd.scalar";

/** g' of four elements. */
// @ts-ignore: decorator
@inline
function clippedLanes(g: v128, scale: v128, clip: v128): v128 {
  return f32x4.pmax(f32x4.pmin(f32x4.mul(g, scale), clip), f32x4.neg(clip));
}

/** Four elements whose g' is +0 and which stay as they are where `kept` is 0 (coasting: which only lack a gradient). */
// @ts-ignore: decorator
@inline
function stepLanes(w: usize, v: usize, g: usize, kept: v128, coasting: i32, rate: v128, momentum: v128, scale: v128, clip: v128): void {
  const wOld = v128.load(w);
  const vOld = v128.load(v);
  let gradient = clippedLanes(v128.load(g), scale, clip);
  if (coasting) gradient = v128.and(gradient, kept);
  let vNew = decayedLanes(f32x4.add(f32x4.mul(momentum, vOld), gradient));
  if (coasting) {
    v128.store(v, vNew);
  } else {
    // A step of +0 leaves w as it is.
    vNew = v128.and(vNew, kept);
    v128.store(v, v128.or(vNew, v128.andnot(vOld, kept)));
  }
  v128.store(w, f32x4.sub(wOld, f32x4.mul(rate, vNew)));
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
  const rates = f32x4.splat(rate);
  const momenta = f32x4.splat(momentum);
  const scale = f32x4.splat(gradientScale);
  const clip = f32x4.splat(clipValue);
  const all = i32x4.splat(-1);
  for (let begin = 0; begin < n; begin += MASK_BITS) {
    const word: u32 = maskPtr ? load<u32>(maskPtr + (<usize>begin >> 3)) : u32.MAX_VALUE;
    if (word == 0 && !coasting) continue;
    const end = min(begin + MASK_BITS, n);
    const lanesEnd = end & ~3;
    let at = <usize>begin << 2;
    if (word == u32.MAX_VALUE) {
      for (let e = begin; e < lanesEnd; e += 4) {
        stepLanes(wPtr + at, vPtr + at, gPtr + at, all, 1, rates, momenta, scale, clip);
        at += 16;
      }
    } else if (coasting) {
      for (let e = begin; e < lanesEnd; e += 4) {
        stepLanes(wPtr + at, vPtr + at, gPtr + at, lanesOfBits(word >> (e - begin)), 1, rates, momenta, scale, clip);
        at += 16;
      }
    } else {
      for (let e = begin; e < lanesEnd; e += 4) {
        stepLanes(wPtr + at, vPtr + at, gPtr + at, lanesOfBits(word >> (e - begin)), 0, rates, momenta, scale, clip);
        at += 16;
      }
    }
    for (let e = lanesEnd; e < end; ++e) {
      const kept = isKept(maskPtr, e);
      if (kept || coasting) {
        const g: f32 = kept ? clipped(load<f32>(gPtr + at), gradientScale, clipValue) : 0;
        const v = decayed(momentum * load<f32>(vPtr + at) + g);
        store<f32>(vPtr + at, v);
        store<f32>(wPtr + at, load<f32>(wPtr + at) - rate * v);
      }
      at += 4;
    }
  }
}

/**
 * Steps first .. last - 1 of w, v f32[n] at zero gradient, step s at rate rates[s]: the bits of as many calls of
 * sgdMomentum. Four elements stay in registers over the steps, and stop once their v is +0: w - rate * 0 is w.
 */
export function sgdReplayRow(wPtr: usize, vPtr: usize, n: i32, ratesPtr: usize, first: i32, last: i32, momentum: f32): void {
  const momenta = f32x4.splat(momentum);
  const lanesEnd = n & ~3;
  for (let e = 0; e < lanesEnd; e += 4) {
    const at = <usize>e << 2;
    let w = v128.load(wPtr + at);
    let v = v128.load(vPtr + at);
    for (let s = first; s < last; ++s) {
      v = decayedLanes(f32x4.mul(momenta, v));
      if (!v128.any_true(v)) break;
      w = f32x4.sub(w, f32x4.mul(v128.load32_splat(ratesPtr + (<usize>s << 2)), v));
    }
    v128.store(vPtr + at, v);
    v128.store(wPtr + at, w);
  }
  for (let e = lanesEnd; e < n; ++e) {
    const at = <usize>e << 2;
    let w = load<f32>(wPtr + at);
    let v = load<f32>(vPtr + at);
    for (let s = first; s < last; ++s) {
      v = decayed(momentum * v);
      if (v == 0) break;
      w = w - load<f32>(ratesPtr + (<usize>s << 2)) * v;
    }
    store<f32>(vPtr + at, v);
    store<f32>(wPtr + at, w);
  }
}

/**
 * Steps up to step - 1 that rows of w, v f32[...][n] have missed, at zero gradient: for row rows[i], i from begin to
 * end - 1, steps rowSteps[row] .. step - 1, and rowSteps[row] = step. A negative row is skipped, one that comes twice
 * has nothing left to do; rowsPtr 0: row i itself.
 */
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

/**
 * Step `step` of rows rows[i], i from begin to end - 1, all different, of w, v f32[...][n], after those they have missed:
 * sgdReplayRows, then sgdMomentum at rates[step] with row i of g f32[...][n], all kept; rowSteps[row] = step + 1.
 */
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
