// Computes   the f64 sum of squares of a whole tensor, for norms.
// Layout     flat f32 arrays; masks as bit strings (README.md).
// Order      blocks of 256 elements of the dense index; in a block four partial sums by index mod 4, each ascending,
//            combined (p0 + p2) + (p1 + p3); blocks ascending, from +0. Rows: the sum of each, in their order.
// Tiles      blocks are independent: threads share them, and their sums are added in ascending order.
// Twin       reduce.scalar.ts
import { SQUARES_BLOCK } from "../common/layout";
import { lanesOfGroup } from "../common/mask-lanes";
import { isKept } from "../common/mask-bits";

/** Sum of the squares of the kept entries of one block, begin .. end - 1, of the array at `ptr`. */
@inline
function blockSum(ptr: usize, maskPtr: usize, begin: i32, end: i32): f64 {
  let even = f64x2.splat(0); // p0, p1
  let odd = f64x2.splat(0); // p2, p3
  let i = begin;
  for (; i + 4 <= end; i += 4) {
    let v = v128.load(ptr + (<usize>i << 2));
    if (maskPtr) v = v128.and(v, lanesOfGroup(maskPtr, i));
    const low = f64x2.promote_low_f32x4(v);
    const high = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
    even = f64x2.add(even, f64x2.mul(low, low));
    odd = f64x2.add(odd, f64x2.mul(high, high));
  }
  for (; i < end; i++) {
    const v: f64 = isKept(maskPtr, i) ? <f64>load<f32>(ptr + (<usize>i << 2)) : 0;
    const lane = i & 3;
    if (lane == 0) even = f64x2.replace_lane(even, 0, f64x2.extract_lane(even, 0) + v * v);
    else if (lane == 1) even = f64x2.replace_lane(even, 1, f64x2.extract_lane(even, 1) + v * v);
    else odd = f64x2.replace_lane(odd, 0, f64x2.extract_lane(odd, 0) + v * v);
  }
  const pairs = f64x2.add(even, odd);
  return f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1);
}

/** Sum of the squares of the kept entries of ptr[0 .. n). */
export function sumOfSquares(ptr: usize, maskPtr: usize, n: i32): f64 {
  let sum: f64 = 0;
  for (let begin = 0; begin < n; begin += SQUARES_BLOCK) sum += blockSum(ptr, maskPtr, begin, min(begin + SQUARES_BLOCK, n));
  return sum;
}

/** The sums of blocks blockBegin .. blockEnd - 1 of ptr[0 .. n), f64 each, to their places in the array at `outPtr`. */
export function sumOfSquaresBlocks(outPtr: usize, ptr: usize, maskPtr: usize, n: i32, blockBegin: i32, blockEnd: i32): void {
  for (let block = blockBegin; block < blockEnd; block++) {
    const begin = block * SQUARES_BLOCK;
    store<f64>(outPtr + (<usize>block << 3), blockSum(ptr, maskPtr, begin, min(begin + SQUARES_BLOCK, n)));
  }
}

/** `sum` plus the sum of squares of each row of ptr[rows][n], rows ascending. */
export function sumOfSquaresRows(ptr: usize, n: i32, rows: i32, sum: f64): f64 {
  for (let r = 0; r < rows; r++) sum += sumOfSquares(ptr + ((<usize>r * n) << 2), 0, n);
  return sum;
}
