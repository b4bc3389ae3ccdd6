// Computes:      softmaxCrossEntropy  loss = log(sum_k exp(e_k - m)) + (m - e_gold),  m = max_k e_k
//                                     dE_k = (p_k - [k = gold]) * scale,  p_k = exp(e_k - m) / sum
//                softmax              p_k
//                argmax               the lowest k with e_k = m
// Source:        cross-entropy of a softmax layer and its gradient, d loss / d e = p - onehot(gold).
// Reads:         emissions f32 [K][position]; tags i32[positions], -1 where the position is padding.
// Writes:        dEmissions or probabilities f32 [K][position]; loss f32[positions]; argmax i32[positions].
//                Padding gets loss +0 and gradient +0, whatever its emissions are.
// Order:         per position: maximum over k ascending, then the sum over k ascending from +0. m - e_gold is taken
//                before log(sum) is added, so a loss is never negative.
// Aliasing:      dEmissions (or probabilities) may be emissions.
// Preconditions: positions and stride multiples of 4, K >= 1, tags below K.
// Twin:          softmax.scalar.ts
import { expV } from "../math/exp.simd";
import { logV } from "../math/log.simd";

/** Loss and gradient of every position; four positions in the lanes. */
export function softmaxCrossEntropy(
  dEmissionsPtr: usize,
  lossPtr: usize,
  emissionsPtr: usize,
  stride: i32,
  tagsPtr: usize,
  K: i32,
  positions: i32,
  scale: f32,
): void {
  const row = <usize>stride << 2;
  for (let p = 0; p < positions; p += 4) {
    const offset = <usize>p << 2;
    const tags = v128.load(tagsPtr + offset);
    const valid = i32x4.ge_s(tags, i32x4.splat(0));
    let highest = v128.load(emissionsPtr + offset);
    let gold = highest;
    for (let k = 1, at = emissionsPtr + offset + row; k < K; k++, at += row) {
      const x = v128.load(at);
      highest = f32x4.pmax(highest, x);
      gold = v128.bitselect(x, gold, i32x4.eq(tags, i32x4.splat(k)));
    }
    const sum = exponentials(dEmissionsPtr + offset, emissionsPtr + offset, row, K, highest);
    const loss = f32x4.add(logV(sum), f32x4.sub(highest, gold));
    v128.store(lossPtr + offset, v128.and(loss, valid));
    const scales = f32x4.splat(scale);
    for (let k = 0, at = dEmissionsPtr + offset; k < K; k++, at += row) {
      const target = v128.and(f32x4.splat(1), i32x4.eq(tags, i32x4.splat(k)));
      const d = f32x4.mul(f32x4.sub(f32x4.div(v128.load(at), sum), target), scales);
      v128.store(at, v128.and(d, valid));
    }
  }
}

/** Probabilities of every position; four positions in the lanes. */
export function softmax(probabilityPtr: usize, emissionsPtr: usize, stride: i32, K: i32, positions: i32): void {
  const row = <usize>stride << 2;
  for (let p = 0; p < positions; p += 4) {
    const offset = <usize>p << 2;
    let highest = v128.load(emissionsPtr + offset);
    for (let k = 1, at = emissionsPtr + offset + row; k < K; k++, at += row) highest = f32x4.pmax(highest, v128.load(at));
    const sum = exponentials(probabilityPtr + offset, emissionsPtr + offset, row, K, highest);
    for (let k = 0, at = probabilityPtr + offset; k < K; k++, at += row) v128.store(at, f32x4.div(v128.load(at), sum));
  }
}

/** The best tag of every position; four positions in the lanes. */
export function argmax(outPtr: usize, emissionsPtr: usize, stride: i32, K: i32, positions: i32): void {
  const row = <usize>stride << 2;
  for (let p = 0; p < positions; p += 4) {
    const offset = <usize>p << 2;
    let highest = v128.load(emissionsPtr + offset);
    let best = i32x4.splat(0);
    for (let k = 1, at = emissionsPtr + offset + row; k < K; k++, at += row) {
      const x = v128.load(at);
      const higher = f32x4.gt(x, highest);
      highest = v128.bitselect(x, highest, higher);
      best = v128.bitselect(i32x4.splat(k), best, higher);
    }
    v128.store(outPtr + offset, best);
  }
}

/** Stores exp(x_k - highest) of four positions and returns their sums. */
@inline
function exponentials(outPtr: usize, xPtr: usize, row: usize, K: i32, highest: v128): v128 {
  let sum = f32x4.splat(0);
  for (let k = 0; k < K; k++, xPtr += row, outPtr += row) {
    const e = expV(f32x4.sub(v128.load(xPtr), highest));
    v128.store(outPtr, e);
    sum = f32x4.add(sum, e);
  }
  return sum;
}
