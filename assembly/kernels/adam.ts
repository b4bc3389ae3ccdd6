// Computes   a step of Adam, also for a list of rows of a table.
// Source     Kingma & Ba 2015, algorithm 1; the host passes correction1 = 1 - beta1^t and correction2 = 1 - beta2^t.
// Reads      g f32[n]; bits of the mask (0 = all kept). Reads and writes w and the moments m, v f32[n].
// Order      once: rate' = rate / correction1, c = 1 / correction2. Per element:
//            g' = max(min(g * gradientScale, clipValue), -clipValue);
//            m = beta1 * m + (1 - beta1) * g';  v = beta2 * v + (1 - beta2) * (g' * g');  both +0 where below 1e-30 in magnitude;
//            w = w - (rate' * m) / (sqrt(v * c) + epsilon). NaN passes through. A pruned element keeps its w, m and v.
// Tiles      elements are independent; a tile begins at a multiple of 32 when there is a mask.
// Aliasing   none.
// Twin       adam.scalar.ts
import { MASK_BITS } from "../common/layout";
import { decayedLanes } from "../common/decay-lanes";
import { isKept } from "../common/mask-bits";
import { lanesOfBits } from "../common/mask-lanes";
import { adamElement } from "./adam.scalar";

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
  const correctedRate: f32 = rate / correction1;
  const corrector: f32 = 1 / correction2;
  const clip = f32x4.splat(clipValue);
  for (let begin = 0; begin < n; begin += MASK_BITS) {
    const word: u32 = maskPtr ? load<u32>(maskPtr + (<usize>begin >> 3)) : u32.MAX_VALUE;
    if (word == 0) continue;
    const end = min(begin + MASK_BITS, n);
    const lanesEnd = end & ~3;
    for (let e = begin; e < lanesEnd; e += 4) {
      const at = <usize>e << 2;
      const kept = lanesOfBits(word >> (e - begin));
      const wOld = v128.load(wPtr + at);
      const mOld = v128.load(mPtr + at);
      const vOld = v128.load(vPtr + at);
      const scaled = f32x4.mul(v128.load(gPtr + at), f32x4.splat(gradientScale));
      const g = f32x4.pmax(f32x4.pmin(scaled, clip), f32x4.neg(clip));
      const m = decayedLanes(f32x4.add(f32x4.mul(f32x4.splat(beta1), mOld), f32x4.mul(f32x4.splat(1 - beta1), g)));
      const squared = f32x4.mul(g, g);
      const v = decayedLanes(f32x4.add(f32x4.mul(f32x4.splat(beta2), vOld), f32x4.mul(f32x4.splat(1 - beta2), squared)));
      const spread = f32x4.add(f32x4.sqrt(f32x4.mul(v, f32x4.splat(corrector))), f32x4.splat(epsilon));
      const w = f32x4.sub(wOld, f32x4.div(f32x4.mul(f32x4.splat(correctedRate), m), spread));
      v128.store(mPtr + at, v128.bitselect(m, mOld, kept));
      v128.store(vPtr + at, v128.bitselect(v, vOld, kept));
      v128.store(wPtr + at, v128.bitselect(w, wOld, kept));
    }
    for (let e = lanesEnd; e < end; ++e) {
      const at = <usize>e << 2;
      if (isKept(maskPtr, e)) {
        adamElement(
          wPtr + at, mPtr + at, vPtr + at, gPtr + at, correctedRate, beta1, beta2, epsilon, corrector, gradientScale, clipValue,
        );
      }
    }
  }
}

/** The same for rows rows[i], i from begin to end - 1, all different, of w, m, v f32[...][n], with row i of g f32[...][n]. */
export function adamRows(
  wPtr: usize,
  mPtr: usize,
  vPtr: usize,
  gPtr: usize,
  n: i32,
  rowsPtr: usize,
  begin: i32,
  end: i32,
  rate: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  correction1: f32,
  correction2: f32,
  gradientScale: f32,
  clipValue: f32,
): void {
  for (let i = begin; i < end; i++) {
    const at = (<usize>load<i32>(rowsPtr + (<usize>i << 2)) * n) << 2;
    const g = gPtr + ((<usize>i * n) << 2);
    adam(
      wPtr + at, mPtr + at, vPtr + at, g, 0, n, rate, beta1, beta2, epsilon, correction1, correction2, gradientScale, clipValue,
    );
  }
}
