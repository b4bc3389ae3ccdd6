// The plain twin of reduce.ts.
import { isKept } from "../common/mask-bits";

const BLOCK: i32 = 256;

export function sumOfSquares(ptr: usize, maskPtr: usize, n: i32): f64 {
  let sum: f64 = 0;
  for (let begin = 0; begin < n; begin += BLOCK) {
    const end = min(begin + BLOCK, n);
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
    sum += p0 + p2 + (p1 + p3);
  }
  return sum;
}
