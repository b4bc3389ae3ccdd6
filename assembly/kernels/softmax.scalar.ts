// The plain twin of softmax.ts: one position at a time, same order, same bits.
import { expS } from "../math/exp";
import { logS } from "../math/log";

/** Loss and gradient of every position. */
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
  for (let p = 0; p < positions; p++) {
    const offset = <usize>p << 2;
    const tag = load<i32>(tagsPtr + offset);
    if (tag < 0) {
      store<f32>(lossPtr + offset, 0);
      for (let k = 0; k < K; k++) store<f32>(dEmissionsPtr + offset + <usize>k * row, 0);
      continue;
    }
    const gold = load<f32>(emissionsPtr + offset + <usize>tag * row);
    const highest = maximum(emissionsPtr + offset, row, K);
    const sum = exponentials(dEmissionsPtr + offset, emissionsPtr + offset, row, K, highest);
    store<f32>(lossPtr + offset, logS(sum) + (highest - gold));
    for (let k = 0; k < K; k++) {
      const at = dEmissionsPtr + offset + <usize>k * row;
      const target: f32 = k == tag ? 1 : 0;
      store<f32>(at, (load<f32>(at) / sum - target) * scale);
    }
  }
}

/** Probabilities of every position. */
export function softmax(probabilityPtr: usize, emissionsPtr: usize, stride: i32, K: i32, positions: i32): void {
  const row = <usize>stride << 2;
  for (let p = 0; p < positions; p++) {
    const offset = <usize>p << 2;
    const highest = maximum(emissionsPtr + offset, row, K);
    const sum = exponentials(probabilityPtr + offset, emissionsPtr + offset, row, K, highest);
    for (let k = 0; k < K; k++) {
      const at = probabilityPtr + offset + <usize>k * row;
      store<f32>(at, load<f32>(at) / sum);
    }
  }
}

/** The best tag of every position. */
export function argmax(outPtr: usize, emissionsPtr: usize, stride: i32, K: i32, positions: i32): void {
  const row = <usize>stride << 2;
  for (let p = 0; p < positions; p++) {
    const offset = <usize>p << 2;
    let highest = load<f32>(emissionsPtr + offset);
    let best = 0;
    for (let k = 1; k < K; k++) {
      const x = load<f32>(emissionsPtr + offset + <usize>k * row);
      if (x > highest) {
        highest = x;
        best = k;
      }
    }
    store<i32>(outPtr + offset, best);
  }
}

@inline
function maximum(xPtr: usize, row: usize, K: i32): f32 {
  let highest = load<f32>(xPtr);
  for (let k = 1; k < K; k++) {
    const x = load<f32>(xPtr + <usize>k * row);
    if (x > highest) highest = x;
  }
  return highest;
}

@inline
function exponentials(outPtr: usize, xPtr: usize, row: usize, K: i32, highest: f32): f32 {
  let sum: f32 = 0;
  for (let k = 0; k < K; k++) {
    const e = expS(load<f32>(xPtr + <usize>k * row) - highest);
    store<f32>(outPtr + <usize>k * row, e);
    sum += e;
  }
  return sum;
}
