// The plain twin of crf-rows.ts: same order, same bits.
import { expS } from "../math/exp";
import { logS } from "../math/log";

/** row[j] = exp(row[j]), j < K. */
export function expRow(rowPtr: usize, K: i32): void {
  for (let j = 0; j < K; j++) store<f32>(rowPtr + ((<usize>j) << 2), expS(load<f32>(rowPtr + ((<usize>j) << 2))));
}

/** out[j] = log(row[j]), j < K. */
export function logRow(outPtr: usize, rowPtr: usize, K: i32): void {
  for (let j = 0; j < K; j++) store<f32>(outPtr + ((<usize>j) << 2), logS(load<f32>(rowPtr + ((<usize>j) << 2))));
}

/** max[j] = the greater of max[j] and row[j]; the first of equals. */
export function maxRow(maxPtr: usize, rowPtr: usize, K: i32): void {
  for (let j = 0; j < K; j++) {
    const x = load<f32>(rowPtr + (<usize>j << 2));
    if (x > load<f32>(maxPtr + (<usize>j << 2))) store<f32>(maxPtr + (<usize>j << 2), x);
  }
}

/** out[j] = row[j] - offset[j]. */
export function subtractRow(outPtr: usize, rowPtr: usize, offsetPtr: usize, K: i32): void {
  for (let j = 0; j < K; j++) {
    store<f32>(outPtr + (<usize>j << 2), load<f32>(rowPtr + (<usize>j << 2)) - load<f32>(offsetPtr + (<usize>j << 2)));
  }
}

/** out[j] += row[j] * scale, j < K. */
export function addScaledRow(outPtr: usize, rowPtr: usize, scale: f32, K: i32): void {
  for (let j = 0; j < K; j++) {
    store<f32>(outPtr + (<usize>j << 2), load<f32>(outPtr + (<usize>j << 2)) + load<f32>(rowPtr + (<usize>j << 2)) * scale);
  }
}

/** out[j] = sum over i ascending, from +0, of x[i] * matrix[i][j]. */
export function rowProduct(outPtr: usize, xPtr: usize, matrixPtr: usize, K: i32, width: i32): void {
  for (let j = 0; j < K; j++) {
    let sum: f32 = 0;
    for (let i = 0; i < K; i++) {
      sum += load<f32>(xPtr + ((<usize>i) << 2)) * load<f32>(matrixPtr + ((<usize>i * width + j) << 2));
    }
    store<f32>(outPtr + ((<usize>j) << 2), sum);
  }
}

/** counts[i][j] += (w[i] * matrix[i][j]) * v[j]. */
export function addPairs(countsPtr: usize, wPtr: usize, matrixPtr: usize, vPtr: usize, K: i32, width: i32): void {
  for (let i = 0; i < K; i++) {
    const w = load<f32>(wPtr + ((<usize>i) << 2));
    for (let j = 0; j < K; j++) {
      const offset = (<usize>i * width + j) << 2;
      const pair = w * load<f32>(matrixPtr + offset) * load<f32>(vPtr + ((<usize>j) << 2));
      store<f32>(countsPtr + offset, load<f32>(countsPtr + offset) + pair);
    }
  }
}

/** out[j] = maximum over i of x[i] + matrix[i][j], in f64. */
export function maxPlus(outPtr: usize, xPtr: usize, matrixPtr: usize, K: i32, width: i32): void {
  for (let j = 0; j < K; j++) {
    let best = load<f64>(xPtr) + load<f64>(matrixPtr + ((<usize>j) << 3));
    for (let i = 1; i < K; i++) {
      const x = load<f64>(xPtr + ((<usize>i) << 3)) + load<f64>(matrixPtr + ((<usize>i * width + j) << 3));
      if (x > best) best = x;
    }
    store<f64>(outPtr + ((<usize>j) << 3), best);
  }
}
