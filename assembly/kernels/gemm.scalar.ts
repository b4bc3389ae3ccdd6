// The plain twin of gemm.ts: the same sums in the same order, one output at a time.
import { PANEL_ROWS } from "../common/layout";
import { selected } from "../common/mask-bits";

/** Twin of `packRows`. */
export function packRows(panelPtr: usize, wPtr: usize, maskPtr: usize, rows: i32, columns: i32): void {
  for (let top = 0; top < rows; top += PANEL_ROWS) {
    for (let k = 0; k < columns; k++) {
      for (let i = 0; i < PANEL_ROWS; i++) {
        const r = top + i;
        store<f32>(panelPtr, r < rows ? selected(wPtr, maskPtr, r * columns + k) : 0);
        panelPtr += 4;
      }
    }
  }
}

/** Twin of `packColumns`. */
export function packColumns(panelPtr: usize, wPtr: usize, maskPtr: usize, rows: i32, columns: i32): void {
  for (let left = 0; left < columns; left += PANEL_ROWS) {
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < PANEL_ROWS; i++) {
        const c = left + i;
        store<f32>(panelPtr, c < columns ? selected(wPtr, maskPtr, r * columns + c) : 0);
        panelPtr += 4;
      }
    }
  }
}

/** Twin of `gemm`. */
export function gemm(
  yPtr: usize,
  yStride: i32,
  panelPtr: usize,
  xPtr: usize,
  xStride: i32,
  depth: i32,
  positions: i32,
  biasPtr: usize,
  accumulate: i32,
  rowBegin: i32,
  rowEnd: i32,
): void {
  for (let r = rowBegin; r < rowEnd; r++) {
    const a = panelPtr + ((<usize>(r / PANEL_ROWS) * PANEL_ROWS * depth + (r % PANEL_ROWS)) << 2);
    for (let p = 0; p < positions; p++) {
      let sum: f32 = 0;
      for (let k = 0; k < depth; k++) {
        sum += load<f32>(a + ((<usize>k * PANEL_ROWS) << 2)) * load<f32>(xPtr + ((<usize>k * xStride + p) << 2));
      }
      const y = yPtr + ((<usize>r * yStride + p) << 2);
      if (accumulate) sum = load<f32>(y) + sum;
      if (biasPtr) sum += load<f32>(biasPtr + ((<usize>r) << 2));
      store<f32>(y, sum);
    }
  }
}

/** Twin of `gemmWeightGradient`. */
export function gemmWeightGradient(
  dwPtr: usize,
  dyPtr: usize,
  dyStride: i32,
  xPtr: usize,
  xStride: i32,
  columns: i32,
  positions: i32,
  rowBegin: i32,
  rowEnd: i32,
): void {
  for (let r = rowBegin; r < rowEnd; r++) {
    const dy = dyPtr + ((<usize>r * dyStride) << 2);
    for (let c = 0; c < columns; c++) {
      const x = xPtr + ((<usize>c * xStride) << 2);
      let sum0: f32 = 0;
      let sum1: f32 = 0;
      let sum2: f32 = 0;
      let sum3: f32 = 0;
      for (let p: usize = 0; p < (<usize>positions) << 2; p += 16) {
        sum0 += load<f32>(dy + p) * load<f32>(x + p);
        sum1 += load<f32>(dy + p, 4) * load<f32>(x + p, 4);
        sum2 += load<f32>(dy + p, 8) * load<f32>(x + p, 8);
        sum3 += load<f32>(dy + p, 12) * load<f32>(x + p, 12);
      }
      store<f32>(dwPtr + ((<usize>r * columns + c) << 2), sum0 + sum2 + (sum1 + sum3));
    }
  }
}

/** Twin of `biasGradient`. */
export function biasGradient(dbPtr: usize, dyPtr: usize, dyStride: i32, positions: i32, rowBegin: i32, rowEnd: i32): void {
  for (let r = rowBegin; r < rowEnd; r++) {
    const dy = dyPtr + ((<usize>r * dyStride) << 2);
    let sum0: f32 = 0;
    let sum1: f32 = 0;
    let sum2: f32 = 0;
    let sum3: f32 = 0;
    for (let p: usize = 0; p < (<usize>positions) << 2; p += 16) {
      sum0 += load<f32>(dy + p);
      sum1 += load<f32>(dy + p, 4);
      sum2 += load<f32>(dy + p, 8);
      sum3 += load<f32>(dy + p, 12);
    }
    store<f32>(dbPtr + ((<usize>r) << 2), sum0 + sum2 + (sum1 + sum3));
  }
}
