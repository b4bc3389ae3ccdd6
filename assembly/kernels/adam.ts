// Computes   Adam, clipping included:
//                g' = min(max(g * gradientScale, -clipValue), clipValue)
//                m  = beta1 m + (1 - beta1) g',       +0 when |m| < 1e-30
//                v  = beta2 v + (1 - beta2) (g' g'),  +0 when v < 1e-30
//                w  = w - rate ((m / correction1) / (sqrt(v / correction2) + epsilon))
// Source     Kingma & Ba 2015, algorithm 1; correction1 = 1 - beta1^t and correction2 = 1 - beta2^t come from the host.
// Reads      gPtr and, as bits, maskPtr (0 = all kept). Writes wPtr, mPtr, vPtr. All f32[n].
// Order      per element, as written above; each operation rounded once. Pruned elements are left alone.
// Twin       adam.scalar.ts
import { lanesOfMask } from "../common/mask-lanes";
import { adamElement } from "./adam.scalar";

const TINY: f32 = 1e-30;

// @ts-ignore: decorator
@inline
function flush(v: v128): v128 {
  return v128.andnot(v, f32x4.lt(f32x4.abs(v), f32x4.splat(TINY))); // NaN stays, to be found
}

export function adam(
  wPtr: usize,
  mPtr: usize,
  vPtr: usize,
  gPtr: usize,
  maskPtr: usize,
  n: i32,
  rate: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  correction1: f32,
  correction2: f32,
  gradientScale: f32,
  clipValue: f32,
): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = <usize>i << 2;
    const kept = maskPtr ? lanesOfMask(maskPtr, i) : i32x4.splat(-1);
    if (!v128.any_true(kept)) continue;
    const w = v128.load(wPtr + at);
    const m = v128.load(mPtr + at);
    const v = v128.load(vPtr + at);
    const scaled = f32x4.mul(v128.load(gPtr + at), f32x4.splat(gradientScale));
    const g = f32x4.min(f32x4.max(scaled, f32x4.splat(-clipValue)), f32x4.splat(clipValue));
    const m1 = flush(f32x4.add(f32x4.mul(f32x4.splat(beta1), m), f32x4.mul(f32x4.splat(1 - beta1), g)));
    const v1 = flush(f32x4.add(f32x4.mul(f32x4.splat(beta2), v), f32x4.mul(f32x4.splat(1 - beta2), f32x4.mul(g, g))));
    const deviation = f32x4.add(f32x4.sqrt(f32x4.div(v1, f32x4.splat(correction2))), f32x4.splat(epsilon));
    const move = f32x4.div(f32x4.div(m1, f32x4.splat(correction1)), deviation);
    v128.store(mPtr + at, v128.bitselect(m1, m, kept));
    v128.store(vPtr + at, v128.bitselect(v1, v, kept));
    v128.store(wPtr + at, v128.bitselect(f32x4.sub(w, f32x4.mul(f32x4.splat(rate), move)), w, kept));
  }
  for (; i < n; i++) {
    adamElement(wPtr, mPtr, vPtr, gPtr, maskPtr, i, rate, beta1, beta2, epsilon, correction1, correction2, gradientScale, clipValue);
  }
}
