// Sparse products with positions in SIMD lanes: pruned weights are not computed.
//
// Computes       spmm: Y[r][p] (+)= sum_i value[i] X[index[i]][p] (+ b[r]) over the entries i of row r
//                spmmWeightGradient: dW[r][c] = sum_p dY[r][p] X[c][p] at kept entries only
// Layout         activations [feature][position]; entries as in csr.ts; dW row-major [rows][columns]
// Order          as gemm.ts, so that dense products of the masked matrix give the same bits
// Tiles          spmm one weight x 16 positions, then 12, 8 or 4; gradient one row x 4 kept columns
// Aliasing       none between written and read buffers
// Preconditions  activations 16-byte aligned; strides and positions multiples of 4; positions >= 1
// Twin           spmm.scalar.ts
import { sumLane, sumLanes } from "../common/lane-sums";
import { biasOf, put } from "../common/put";

/** The activations of the feature that entry `entry` of the index names. */
@inline
function feature(x: usize, xStep: usize, entry: usize): usize {
  return x + <usize>load<u32>(entry) * xStep;
}

@inline
function row16(y: usize, entry: usize, end: usize, toValue: usize, x: usize, xStep: usize, bias: usize, accumulate: i32): void {
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  for (; entry < end; entry += 4) {
    const source = feature(x, xStep, entry);
    const w = v128.load32_splat(entry + toValue);
    a = f32x4.add(a, f32x4.mul(w, v128.load(source)));
    b = f32x4.add(b, f32x4.mul(w, v128.load(source, 16)));
    c = f32x4.add(c, f32x4.mul(w, v128.load(source, 32)));
    d = f32x4.add(d, f32x4.mul(w, v128.load(source, 48)));
  }
  put(y, a, bias, accumulate);
  put(y + 16, b, bias, accumulate);
  put(y + 32, c, bias, accumulate);
  put(y + 48, d, bias, accumulate);
}

@inline
function row12(y: usize, entry: usize, end: usize, toValue: usize, x: usize, xStep: usize, bias: usize, accumulate: i32): void {
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  for (; entry < end; entry += 4) {
    const source = feature(x, xStep, entry);
    const w = v128.load32_splat(entry + toValue);
    a = f32x4.add(a, f32x4.mul(w, v128.load(source)));
    b = f32x4.add(b, f32x4.mul(w, v128.load(source, 16)));
    c = f32x4.add(c, f32x4.mul(w, v128.load(source, 32)));
  }
  put(y, a, bias, accumulate);
  put(y + 16, b, bias, accumulate);
  put(y + 32, c, bias, accumulate);
}

@inline
function row8(y: usize, entry: usize, end: usize, toValue: usize, x: usize, xStep: usize, bias: usize, accumulate: i32): void {
  let a = f32x4.splat(0);
  let b = a;
  for (; entry < end; entry += 4) {
    const source = feature(x, xStep, entry);
    const w = v128.load32_splat(entry + toValue);
    a = f32x4.add(a, f32x4.mul(w, v128.load(source)));
    b = f32x4.add(b, f32x4.mul(w, v128.load(source, 16)));
  }
  put(y, a, bias, accumulate);
  put(y + 16, b, bias, accumulate);
}

@inline
function row4(y: usize, entry: usize, end: usize, toValue: usize, x: usize, xStep: usize, bias: usize, accumulate: i32): void {
  let a = f32x4.splat(0);
  for (; entry < end; entry += 4) {
    a = f32x4.add(a, f32x4.mul(v128.load32_splat(entry + toValue), v128.load(feature(x, xStep, entry))));
  }
  put(y, a, bias, accumulate);
}

/**
 * Y[r][p] (+)= sum_i value[i] X[index[i]][p] (+ b[r]) over the entries of row r, for rows rowBegin .. rowEnd - 1 and all
 * positions. `accumulate` 0 overwrites Y; `biasPtr` 0 = no bias.
 */
export function spmm(
  yPtr: usize,
  yStride: i32,
  startPtr: usize,
  indexPtr: usize,
  valuePtr: usize,
  xPtr: usize,
  xStride: i32,
  positions: i32,
  biasPtr: usize,
  accumulate: i32,
  rowBegin: i32,
  rowEnd: i32,
): void {
  const yStep = (<usize>yStride) << 2;
  const xStep = (<usize>xStride) << 2;
  const toValue = valuePtr - indexPtr;
  // Positions outermost: the lines of X that 16 positions touch stay in the first-level cache while all rows pass.
  for (let p = 0; p < positions; p += 16) {
    const x = xPtr + ((<usize>p) << 2);
    const width = min(positions - p, 16);
    let entry = indexPtr + ((<usize>load<u32>(startPtr + ((<usize>rowBegin) << 2))) << 2);
    let y = yPtr + <usize>rowBegin * yStep + ((<usize>p) << 2);
    for (let r = rowBegin; r < rowEnd; r++) {
      const end = indexPtr + ((<usize>load<u32>(startPtr + ((<usize>r) << 2), 4)) << 2);
      const bias = biasOf(biasPtr, r);
      if (width == 16) row16(y, entry, end, toValue, x, xStep, bias, accumulate);
      else if (width == 12) row12(y, entry, end, toValue, x, xStep, bias, accumulate);
      else if (width == 8) row8(y, entry, end, toValue, x, xStep, bias, accumulate);
      else row4(y, entry, end, toValue, x, xStep, bias, accumulate);
      entry = end;
      y += yStep;
    }
  }
}

/**
 * dW[r][c] = sum_p dY[r][p] X[c][p] at the kept entries of rows rowBegin .. rowEnd - 1; the rest of dW is left alone.
 * The index is that of W's rows.
 */
export function spmmWeightGradient(
  dwPtr: usize,
  dyPtr: usize,
  dyStride: i32,
  xPtr: usize,
  xStride: i32,
  startPtr: usize,
  indexPtr: usize,
  columns: i32,
  positions: i32,
  rowBegin: i32,
  rowEnd: i32,
): void {
  const dyStep = (<usize>dyStride) << 2;
  const xStep = (<usize>xStride) << 2;
  const bytes = (<usize>positions) << 2;
  for (let r = rowBegin; r < rowEnd; r++) {
    const dy = dyPtr + <usize>r * dyStep;
    const dw = dwPtr + ((<usize>r * columns) << 2);
    const end = indexPtr + ((<usize>load<u32>(startPtr + ((<usize>r) << 2), 4)) << 2);
    let entry = indexPtr + ((<usize>load<u32>(startPtr + ((<usize>r) << 2))) << 2);
    for (; entry + 16 <= end; entry += 16) {
      const x0 = feature(xPtr, xStep, entry);
      const x1 = feature(xPtr, xStep, entry + 4);
      const x2 = feature(xPtr, xStep, entry + 8);
      const x3 = feature(xPtr, xStep, entry + 12);
      let a = f32x4.splat(0);
      let b = a;
      let c = a;
      let d = a;
      for (let p: usize = 0; p < bytes; p += 16) {
        const value = v128.load(dy + p);
        a = f32x4.add(a, f32x4.mul(value, v128.load(x0 + p)));
        b = f32x4.add(b, f32x4.mul(value, v128.load(x1 + p)));
        c = f32x4.add(c, f32x4.mul(value, v128.load(x2 + p)));
        d = f32x4.add(d, f32x4.mul(value, v128.load(x3 + p)));
      }
      const sums = sumLanes(a, b, c, d);
      store<f32>(feature(dw, 4, entry), f32x4.extract_lane(sums, 0));
      store<f32>(feature(dw, 4, entry + 4), f32x4.extract_lane(sums, 1));
      store<f32>(feature(dw, 4, entry + 8), f32x4.extract_lane(sums, 2));
      store<f32>(feature(dw, 4, entry + 12), f32x4.extract_lane(sums, 3));
    }
    for (; entry < end; entry += 4) {
      const x = feature(xPtr, xStep, entry);
      let sum = f32x4.splat(0);
      for (let p: usize = 0; p < bytes; p += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(dy + p), v128.load(x + p)));
      store<f32>(feature(dw, 4, entry), sumLane(sum));
    }
  }
}
