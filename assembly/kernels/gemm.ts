// Dense products with positions in SIMD lanes.
//
// Computes       packRows / packColumns: the panels of W / of its transpose, under a mask
//                gemm: Y[r][p] (+)= sum_k A[r][k] X[k][p] (+ b[r])   forward (A = W) and input gradient (A = transpose of W)
//                gemmWeightGradient: dW[r][c] = sum_p dY[r][p] X[c][p]
//                biasGradient: db[r] = sum_p dY[r][p]
// Layout         activations [feature][position]; panel[r / 4][k][r % 4], last panel padded with +0 rows; W row-major
// Order          over k: one accumulator from +0, ascending, multiply then add; then old Y + sum; then + bias.
//                over p: four partial sums by p mod 4, ascending, (p0 + p2) + (p1 + p3)
// Tiles          gemm 8 rows x 4 positions, 4 x 8 and 4 x 4 for a last odd panel (row ranges of 8 k are the fastest);
//                gradient 2 rows x 4 columns. Eight accumulators fit the 15 vector registers an engine has left; more
//                spill. The forms of the inner loops (do or while, inlined or not) are the fastest measured on V8.
// Aliasing       none between written and read buffers
// Preconditions  pointers 16-byte aligned (W, bias, db, dW: 4); strides and positions multiples of 4; depth, positions >= 1;
//                rowBegin a multiple of 4 (gemm); W's mask begins on a word boundary
// Twin           gemm.scalar.ts

import { sumLane, sumLanes } from "../common/lane-sums";
import { LANES, PANEL_ROWS } from "../common/layout";
import { selected } from "../common/mask-bits";
import { selectedLanes } from "../common/mask-lanes";
import { biasOf, put } from "../common/put";

// Positions whose activations stay in the first-level cache while all panels pass: one cache line of each feature.
const BLOCK: i32 = 16;

// Bytes of activations that stay in a cache while the output gradient of all rows passes.
const GRADIENT_BLOCK_BYTES: usize = 8192;

/** Packs W[rows][columns] as A = W: panel[r / 4][column][r % 4]. Pruned entries are selected away, `maskPtr` 0 = all kept. */
export function packRows(panelPtr: usize, wPtr: usize, maskPtr: usize, rows: i32, columns: i32): void {
  for (let top = 0; top < rows; top += PANEL_ROWS) {
    let k = 0;
    if (top + PANEL_ROWS <= rows) {
      for (; k + LANES <= columns; k += LANES) {
        const e = top * columns + k;
        const a = selectedLanes(wPtr, maskPtr, e);
        const b = selectedLanes(wPtr, maskPtr, e + columns);
        const c = selectedLanes(wPtr, maskPtr, e + 2 * columns);
        const d = selectedLanes(wPtr, maskPtr, e + 3 * columns);
        const abLow = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
        const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
        const cdLow = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
        const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
        v128.store(panelPtr, v128.shuffle<f32>(abLow, cdLow, 0, 1, 4, 5));
        v128.store(panelPtr, v128.shuffle<f32>(abLow, cdLow, 2, 3, 6, 7), 16);
        v128.store(panelPtr, v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5), 32);
        v128.store(panelPtr, v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7), 48);
        panelPtr += 64;
      }
    }
    for (; k < columns; k++) {
      for (let r = top; r < top + PANEL_ROWS; r++) {
        store<f32>(panelPtr, r < rows ? selected(wPtr, maskPtr, r * columns + k) : 0);
        panelPtr += 4;
      }
    }
  }
}

/** Packs W[rows][columns] as A = transpose of W: panel[column / 4][row][column % 4]. */
export function packColumns(panelPtr: usize, wPtr: usize, maskPtr: usize, rows: i32, columns: i32): void {
  let left = 0;
  for (; left + PANEL_ROWS <= columns; left += PANEL_ROWS) {
    for (let r = 0; r < rows; r++) {
      v128.store(panelPtr, selectedLanes(wPtr, maskPtr, r * columns + left));
      panelPtr += 16;
    }
  }
  if (left == columns) return;
  for (let r = 0; r < rows; r++) {
    for (let c = left; c < left + PANEL_ROWS; c++) {
      store<f32>(panelPtr, c < columns ? selected(wPtr, maskPtr, r * columns + c) : 0);
      panelPtr += 4;
    }
  }
}

/** One panel times 8 positions; stores the panel's first `rows` rows. */
function tile4x8(
  y: usize,
  yStep: usize,
  panel: usize,
  x: usize,
  xStep: usize,
  panelBytes: usize,
  bias: usize,
  accumulate: i32,
  rows: i32,
): void {
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let c0 = a0;
  let c1 = a0;
  let d0 = a0;
  let d1 = a0;
  const end = panel + panelBytes;
  do {
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    let w = v128.load32_splat(panel);
    a0 = f32x4.add(a0, f32x4.mul(w, x0));
    a1 = f32x4.add(a1, f32x4.mul(w, x1));
    w = v128.load32_splat(panel, 4);
    b0 = f32x4.add(b0, f32x4.mul(w, x0));
    b1 = f32x4.add(b1, f32x4.mul(w, x1));
    w = v128.load32_splat(panel, 8);
    c0 = f32x4.add(c0, f32x4.mul(w, x0));
    c1 = f32x4.add(c1, f32x4.mul(w, x1));
    w = v128.load32_splat(panel, 12);
    d0 = f32x4.add(d0, f32x4.mul(w, x0));
    d1 = f32x4.add(d1, f32x4.mul(w, x1));
    x += xStep;
    panel += 16;
  } while (panel < end);
  put(y, a0, bias, accumulate);
  put(y + 16, a1, bias, accumulate);
  if (rows < 2) return;
  y += yStep;
  if (bias) bias += 4;
  put(y, b0, bias, accumulate);
  put(y + 16, b1, bias, accumulate);
  if (rows < 3) return;
  y += yStep;
  if (bias) bias += 4;
  put(y, c0, bias, accumulate);
  put(y + 16, c1, bias, accumulate);
  if (rows < 4) return;
  y += yStep;
  if (bias) bias += 4;
  put(y, d0, bias, accumulate);
  put(y + 16, d1, bias, accumulate);
}

/** One panel times 4 positions; stores the panel's first `rows` rows. */
function tile4x4(
  y: usize,
  yStep: usize,
  panel: usize,
  x: usize,
  xStep: usize,
  panelBytes: usize,
  bias: usize,
  accumulate: i32,
  rows: i32,
): void {
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  const end = panel + panelBytes;
  do {
    const x0 = v128.load(x);
    a = f32x4.add(a, f32x4.mul(v128.load32_splat(panel), x0));
    b = f32x4.add(b, f32x4.mul(v128.load32_splat(panel, 4), x0));
    c = f32x4.add(c, f32x4.mul(v128.load32_splat(panel, 8), x0));
    d = f32x4.add(d, f32x4.mul(v128.load32_splat(panel, 12), x0));
    x += xStep;
    panel += 16;
  } while (panel < end);
  put(y, a, bias, accumulate);
  if (rows < 2) return;
  if (bias) bias += 4;
  put(y + yStep, b, bias, accumulate);
  if (rows < 3) return;
  if (bias) bias += 4;
  put(y + 2 * yStep, c, bias, accumulate);
  if (rows < 4) return;
  if (bias) bias += 4;
  put(y + 3 * yStep, d, bias, accumulate);
}

/** Four vectors of one position and four rows each, as four rows; stores the first `rows` of them. */
@inline
function putTransposed(y: usize, yStep: usize, p0: v128, p1: v128, p2: v128, p3: v128, bias: usize, accumulate: i32, rows: i32): void {
  const low01 = v128.shuffle<f32>(p0, p1, 0, 4, 1, 5);
  const low23 = v128.shuffle<f32>(p2, p3, 0, 4, 1, 5);
  put(y, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5), bias, accumulate);
  if (rows < 2) return;
  put(y + yStep, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), biasOf(bias, 1), accumulate);
  if (rows < 3) return;
  const high01 = v128.shuffle<f32>(p0, p1, 2, 6, 3, 7);
  const high23 = v128.shuffle<f32>(p2, p3, 2, 6, 3, 7);
  put(y + 2 * yStep, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), biasOf(bias, 2), accumulate);
  if (rows < 4) return;
  put(y + 3 * yStep, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), biasOf(bias, 3), accumulate);
}

/**
 * Two panels times 4 positions; stores all four rows of the first and `rows` of the second. The panel's rows are the
 * lanes and the activation is broadcast, so that eight accumulators need six loads.
 */
@inline
function tile8x4(
  y: usize,
  yStep: usize,
  panel: usize,
  x: usize,
  xStep: usize,
  panelBytes: usize,
  bias: usize,
  accumulate: i32,
  rows: i32,
): void {
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  const end = panel + panelBytes;
  do {
    const a = v128.load(panel);
    const b = v128.load(panel + panelBytes);
    let value = v128.load32_splat(x);
    a0 = f32x4.add(a0, f32x4.mul(a, value));
    b0 = f32x4.add(b0, f32x4.mul(b, value));
    value = v128.load32_splat(x, 4);
    a1 = f32x4.add(a1, f32x4.mul(a, value));
    b1 = f32x4.add(b1, f32x4.mul(b, value));
    value = v128.load32_splat(x, 8);
    a2 = f32x4.add(a2, f32x4.mul(a, value));
    b2 = f32x4.add(b2, f32x4.mul(b, value));
    value = v128.load32_splat(x, 12);
    a3 = f32x4.add(a3, f32x4.mul(a, value));
    b3 = f32x4.add(b3, f32x4.mul(b, value));
    x += xStep;
    panel += 16;
  } while (panel < end);
  putTransposed(y, yStep, a0, a1, a2, a3, bias, accumulate, PANEL_ROWS);
  putTransposed(y + <usize>PANEL_ROWS * yStep, yStep, b0, b1, b2, b3, biasOf(bias, PANEL_ROWS), accumulate, rows);
}

/**
 * Y[r][p] (+)= sum_k A[r][k] X[k][p] (+ b[r]) for rows rowBegin .. rowEnd - 1 and all positions.
 * `depth` = columns of A = features of X; `accumulate` 0 overwrites Y; `biasPtr` 0 = no bias. `rowEnd` need not be a
 * multiple of 4: the padding rows of the last panel are not stored.
 */
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
  const yStep = (<usize>yStride) << 2;
  const xStep = (<usize>xStride) << 2;
  const panelBytes = (<usize>depth) << 4;
  for (let block = 0; block < positions; block += BLOCK) {
    const blockEnd = min(block + BLOCK, positions);
    let r = rowBegin;
    let panel = panelPtr + <usize>(r / PANEL_ROWS) * panelBytes;
    for (; r + PANEL_ROWS < rowEnd; r += 2 * PANEL_ROWS) {
      const rows = min(rowEnd - r - PANEL_ROWS, PANEL_ROWS);
      const bias = biasOf(biasPtr, r);
      let y = yPtr + <usize>r * yStep + ((<usize>block) << 2);
      let x = xPtr + ((<usize>block) << 2);
      for (let p = block; p < blockEnd; p += LANES) {
        tile8x4(y, yStep, panel, x, xStep, panelBytes, bias, accumulate, rows);
        y += 16;
        x += 16;
      }
      panel += 2 * panelBytes;
    }
    if (r < rowEnd) {
      const bias = biasOf(biasPtr, r);
      let p = block;
      let y = yPtr + <usize>r * yStep + ((<usize>p) << 2);
      let x = xPtr + ((<usize>p) << 2);
      for (; p + 2 * LANES <= blockEnd; p += 2 * LANES) {
        tile4x8(y, yStep, panel, x, xStep, panelBytes, bias, accumulate, rowEnd - r);
        y += 32;
        x += 32;
      }
      if (p < blockEnd) tile4x4(y, yStep, panel, x, xStep, panelBytes, bias, accumulate, rowEnd - r);
    }
  }
}

/** Gradient of 2 rows x 4 columns. */
@inline
function gradient2x4(dw: usize, dwStep: usize, dy: usize, dyStep: usize, x: usize, xStep: usize, bytes: usize): void {
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  let dyNext = dy + dyStep;
  let x1 = x + xStep;
  let x2 = x1 + xStep;
  let x3 = x2 + xStep;
  const end = dy + bytes;
  while (dy < end) {
    const a = v128.load(dy);
    const b = v128.load(dyNext);
    let value = v128.load(x);
    a0 = f32x4.add(a0, f32x4.mul(a, value));
    b0 = f32x4.add(b0, f32x4.mul(b, value));
    value = v128.load(x1);
    a1 = f32x4.add(a1, f32x4.mul(a, value));
    b1 = f32x4.add(b1, f32x4.mul(b, value));
    value = v128.load(x2);
    a2 = f32x4.add(a2, f32x4.mul(a, value));
    b2 = f32x4.add(b2, f32x4.mul(b, value));
    value = v128.load(x3);
    a3 = f32x4.add(a3, f32x4.mul(a, value));
    b3 = f32x4.add(b3, f32x4.mul(b, value));
    dy += 16;
    dyNext += 16;
    x += 16;
    x1 += 16;
    x2 += 16;
    x3 += 16;
  }
  v128.store(dw, sumLanes(a0, a1, a2, a3));
  v128.store(dw + dwStep, sumLanes(b0, b1, b2, b3));
}

/** Gradient of 1 row x 4 columns. */
@inline
function gradient1x4(dw: usize, dy: usize, x: usize, xStep: usize, bytes: usize): void {
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  for (let p: usize = 0; p < bytes; p += 16) {
    const a = v128.load(dy + p);
    a0 = f32x4.add(a0, f32x4.mul(a, v128.load(x + p)));
    a1 = f32x4.add(a1, f32x4.mul(a, v128.load(x + xStep + p)));
    a2 = f32x4.add(a2, f32x4.mul(a, v128.load(x + 2 * xStep + p)));
    a3 = f32x4.add(a3, f32x4.mul(a, v128.load(x + 3 * xStep + p)));
  }
  v128.store(dw, sumLanes(a0, a1, a2, a3));
}

/** Gradient of 1 row x 1 column. */
@inline
function gradient1x1(dw: usize, dy: usize, x: usize, bytes: usize): void {
  let sum = f32x4.splat(0);
  for (let p: usize = 0; p < bytes; p += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(dy + p), v128.load(x + p)));
  store<f32>(dw, sumLane(sum));
}

/** dW[r][c] = sum_p dY[r][p] X[c][p] for rows rowBegin .. rowEnd - 1 and all columns; overwrites. */
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
  const dwStep = (<usize>columns) << 2;
  const dyStep = (<usize>dyStride) << 2;
  const xStep = (<usize>xStride) << 2;
  const bytes = (<usize>positions) << 2;
  const wholeColumns = columns & ~(LANES - 1);
  const blockColumns = max(<i32>(GRADIENT_BLOCK_BYTES / bytes) & ~(LANES - 1), LANES);
  for (let block = 0; block < wholeColumns; block += blockColumns) {
    const blockEnd = min(block + blockColumns, wholeColumns);
    const xBlock = xPtr + <usize>block * xStep;
    let r = rowBegin;
    for (; r + 2 <= rowEnd; r += 2) {
      const dy = dyPtr + <usize>r * dyStep;
      let dw = dwPtr + <usize>r * dwStep + ((<usize>block) << 2);
      let x = xBlock;
      for (let c = block; c < blockEnd; c += LANES) {
        gradient2x4(dw, dwStep, dy, dyStep, x, xStep, bytes);
        dw += 16;
        x += <usize>LANES * xStep;
      }
    }
    if (r < rowEnd) {
      const dy = dyPtr + <usize>r * dyStep;
      for (let c = block; c < blockEnd; c += LANES) {
        gradient1x4(dwPtr + <usize>r * dwStep + ((<usize>c) << 2), dy, xPtr + <usize>c * xStep, xStep, bytes);
      }
    }
  }
  for (let c = wholeColumns; c < columns; c++) {
    const x = xPtr + <usize>c * xStep;
    for (let r = rowBegin; r < rowEnd; r++) {
      gradient1x1(dwPtr + <usize>r * dwStep + ((<usize>c) << 2), dyPtr + <usize>r * dyStep, x, bytes);
    }
  }
}

/** db[r] = sum_p dY[r][p] for rows rowBegin .. rowEnd - 1; overwrites. */
export function biasGradient(dbPtr: usize, dyPtr: usize, dyStride: i32, positions: i32, rowBegin: i32, rowEnd: i32): void {
  const dyStep = (<usize>dyStride) << 2;
  const bytes = (<usize>positions) << 2;
  let r = rowBegin;
  // Four rows at a time, so that their chains of additions overlap.
  for (; r + 4 <= rowEnd; r += 4) {
    const dy = dyPtr + <usize>r * dyStep;
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    for (let p: usize = 0; p < bytes; p += 16) {
      a = f32x4.add(a, v128.load(dy + p));
      b = f32x4.add(b, v128.load(dy + dyStep + p));
      c = f32x4.add(c, v128.load(dy + 2 * dyStep + p));
      d = f32x4.add(d, v128.load(dy + 3 * dyStep + p));
    }
    v128.store(dbPtr + ((<usize>r) << 2), sumLanes(a, b, c, d));
  }
  for (; r < rowEnd; r++) {
    const dy = dyPtr + <usize>r * dyStep;
    let sum = f32x4.splat(0);
    for (let p: usize = 0; p < bytes; p += 16) sum = f32x4.add(sum, v128.load(dy + p));
    store<f32>(dbPtr + ((<usize>r) << 2), sumLane(sum));
  }
}
