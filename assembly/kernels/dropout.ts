// Computes   inverted dropout: y = x / (1 - p) where kept, +0 where dropped. Forward and backward are the same call, on
//            activations and on their gradients.
// Source     Srivastava et al. 2014; randomness from Philox4x32-10 (common/philox.ts).
// Reads      xPtr f32[features][stride]; the keys of each position, firstPtr and secondPtr u32[positions].
// Writes     yPtr, laid out as x; may be x.
// Order      feature f of a position takes word f mod 4 of the block with key (key0, key1) and counter
//            (f >>> 2 | stream << 16, first key, second key, step); it is dropped when that is below p 2^32. The scale is
//            1 / (1 - p), rounded once.
// Tiles      positions and features are independent.
// Preconditions  positions and stride multiples of 4; features < 2^18, stream < 2^16, 0 <= p < 1.
// Twin       dropout.scalar.ts
import { dropThreshold, M0, M1, ROUNDS, W0, W1 } from "../common/philox";

/** High words of the four products a * m. */
// @ts-ignore: decorator
@inline
function mulHigh(a: v128, m: v128): v128 {
  return v128.shuffle<i32>(i64x2.extmul_low_i32x4_u(a, m), i64x2.extmul_high_i32x4_u(a, m), 1, 3, 5, 7);
}

// @ts-ignore: decorator
@inline
function drop(at: usize, from: usize, word: v128, threshold: v128, scale: v128): void {
  v128.store(at, v128.and(f32x4.mul(v128.load(from), scale), i32x4.ge_u(word, threshold)));
}

export function dropout(
  yPtr: usize,
  xPtr: usize,
  stride: i32,
  features: i32,
  positions: i32,
  firstPtr: usize,
  secondPtr: usize,
  key0: u32,
  key1: u32,
  stream: u32,
  step: u32,
  dropProbability: f32,
): void {
  const threshold = i32x4.splat(dropThreshold(dropProbability));
  const scale = f32x4.splat(1 / (1 - dropProbability));
  const m0 = i32x4.splat(M0);
  const m1 = i32x4.splat(M1);
  const rowBytes = <usize>stride << 2;
  for (let f = 0; f < features; f += 4) {
    for (let p = 0; p < positions; p += 4) {
      const at = <usize>p << 2;
      let c0 = i32x4.splat((f >>> 2) | (stream << 16));
      let c1 = v128.load(firstPtr + at);
      let c2 = v128.load(secondPtr + at);
      let c3 = i32x4.splat(step);
      let k0 = key0;
      let k1 = key1;
      for (let round = 0; round < ROUNDS; round++) {
        const high0 = mulHigh(c0, m0);
        const high1 = mulHigh(c2, m1);
        const low0 = i32x4.mul(c0, m0);
        const low1 = i32x4.mul(c2, m1);
        c0 = v128.xor(v128.xor(high1, c1), i32x4.splat(k0));
        c1 = low1;
        c2 = v128.xor(v128.xor(high0, c3), i32x4.splat(k1));
        c3 = low0;
        k0 += W0;
        k1 += W1;
      }
      const x = xPtr + <usize>f * rowBytes + at;
      const y = yPtr + <usize>f * rowBytes + at;
      drop(y, x, c0, threshold, scale);
      if (f + 1 < features) drop(y + rowBytes, x + rowBytes, c1, threshold, scale);
      if (f + 2 < features) drop(y + 2 * rowBytes, x + 2 * rowBytes, c2, threshold, scale);
      if (f + 3 < features) drop(y + 3 * rowBytes, x + 3 * rowBytes, c3, threshold, scale);
    }
  }
}
