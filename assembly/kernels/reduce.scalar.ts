// The plain twin of reduce.ts.
import { SQUARES_BLOCK } from "../common/layout";
import { isKept } from "../common/mask-bits";

function blockSum(ptr: usize, maskPtr: usize, begin: i32, end: i32): f64 {
  let p0: f64 = 0;
  let p1: f64 = 0;
  let p2: f64 = 0;
  let p3: f64 = 0;
  for (let i = begin; i < end; i++) {
    const v: f64 = isKept(maskPtr, i) ? <f64>load<f32>(ptr + (<usize>i << 2)) : 0;
    const lane = i & 3;
    if (lane == 0) p0 += v * v;
    else if (lane == 1) p1 += v * v;
    else if (lane == 2) p2 += v * v;
    else p3 += v * v;
  }
  return p0 + p2 + (p1 + p3);
}

export function sumOfSquares(ptr: usize, maskPtr: usize, n: i32): f64 {
  let sum: f64 = 0;
  for (let begin = 0; begin < n; begin += SQUARES_BLOCK) sum += blockSum(ptr, maskPtr, begin, min(begin + SQUARES_BLOCK, n));
  return sum;
}

export function sumOfSquaresBlocks(outPtr: usize, ptr: usize, maskPtr: usize, n: i32, blockBegin: i32, blockEnd: i32): void {
  for (let block = blockBegin; block < blockEnd; block++) {
    const begin = block * SQUARES_BLOCK;
    store<f64>(outPtr + (<usize>block << 3), blockSum(ptr, maskPtr, begin, min(begin + SQUARES_BLOCK, n)));
  }
}

export function sumOfSquaresRows(ptr: usize, n: i32, rows: i32, sum: f64): f64 {
  for (let r = 0; r < rows; r++) sum += sumOfSquares(ptr + ((<usize>r * n) << 2), 0, n);
  return sum;
}
