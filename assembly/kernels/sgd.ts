// Computes   SGD with momentum, clipping included:
//                g' = min(max(g * gradientScale, -clipValue), clipValue)
//                v  = momentum * v + g',  +0 when |v| < 1e-30
//                w  = w - rate * v
// Source     Sutskever et al. 2013 in the form of the reference (docs/method.md): the rate is outside of v.
// Reads      gPtr and, as bits, maskPtr (0 = all kept). Writes wPtr, vPtr. All f32[n].
// Order      per element, as written above; each product and sum rounded once.
// Masks      a pruned element is left alone, or, when `coasting` is 1, takes g' = +0 and moves on by its velocity.
// Twin       sgd.scalar.ts
import { lanesOfMask } from "../common/mask-lanes";
import { sgdElement, sgdReplayElement } from "./sgd.scalar";

const TINY: f32 = 1e-30;

// @ts-ignore: decorator
@inline
function flush(v: v128): v128 {
  return v128.andnot(v, f32x4.lt(f32x4.abs(v), f32x4.splat(TINY))); // NaN stays, to be found
}

/** One step on n elements; clipValue = +Inf: no clipping by value. */
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
  const scales = f32x4.splat(gradientScale);
  const high = f32x4.splat(clipValue);
  const low = f32x4.splat(-clipValue);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = <usize>i << 2;
    let kept = i32x4.splat(-1);
    if (maskPtr) {
      kept = lanesOfMask(maskPtr, i);
      if (!coasting && !v128.any_true(kept)) continue;
    }
    const w = v128.load(wPtr + at);
    const v = v128.load(vPtr + at);
    const g = v128.and(f32x4.min(f32x4.max(f32x4.mul(v128.load(gPtr + at), scales), low), high), kept);
    const moved = flush(f32x4.add(f32x4.mul(momenta, v), g));
    const next = f32x4.sub(w, f32x4.mul(rates, moved));
    const changes = coasting ? i32x4.splat(-1) : kept;
    v128.store(vPtr + at, v128.bitselect(moved, v, changes));
    v128.store(wPtr + at, v128.bitselect(next, w, changes));
  }
  for (; i < n; i++) sgdElement(wPtr, vPtr, gPtr, maskPtr, i, rate, momentum, gradientScale, clipValue, coasting);
}

/**
 * Steps first .. last - 1 with zero gradient, step s at rate ratesPtr[s]: the bits of as many calls of sgdMomentum.
 * Ends early when every velocity is 0, for then nothing moves any more.
 */
export function sgdReplayRow(wPtr: usize, vPtr: usize, n: i32, ratesPtr: usize, first: i32, last: i32, momentum: f32): void {
  const momenta = f32x4.splat(momentum);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = <usize>i << 2;
    let w = v128.load(wPtr + at);
    let v = v128.load(vPtr + at);
    for (let s = first; s < last && v128.any_true(f32x4.ne(v, f32x4.splat(0))); s++) {
      v = flush(f32x4.add(f32x4.mul(momenta, v), f32x4.splat(0)));
      w = f32x4.sub(w, f32x4.mul(v128.load32_splat(ratesPtr + (<usize>s << 2)), v));
    }
    v128.store(wPtr + at, w);
    v128.store(vPtr + at, v);
  }
  for (; i < n; i++) sgdReplayElement(wPtr, vPtr, i, ratesPtr, first, last, momentum);
}
