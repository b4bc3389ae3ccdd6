// Computes:      the inner loops of the CRF over the K tags of a token: exp and log of a row, row times matrix,
//                outer products of two rows, row "times" matrix in the max-plus semiring.
// Layout:        rows of `width` elements (K rounded up to 4), matrices [K][width]; f32, maxPlus f64.
// Order:         lanes across the destination j; a sum runs over its source i ascending, one accumulator from +0.
// Aliasing:      logRow and subtractRow may be in place; the others need outputs apart from inputs.
// Preconditions: rows hold `width` elements; what the columns K..width-1 hold is not used and, but for addScaledRow,
//                not preserved.
// Twin:          crf-rows.scalar.ts, which this file itself falls back to in the build without SIMD, so that the
//                recursions above (crf.ts, viterbi.ts) are written once.
import { expV } from "../math/exp.simd";
import { logV } from "../math/log.simd";
import * as plain from "./crf-rows.scalar";

/** row[j] = exp(row[j]). */
export function expRow(rowPtr: usize, K: i32): void {
  if (ASC_FEATURE_SIMD) {
    for (let j = 0; j < K; j += 4, rowPtr += 16) v128.store(rowPtr, expV(v128.load(rowPtr)));
  } else {
    plain.expRow(rowPtr, K);
  }
}

/** out[j] = log(row[j]). */
export function logRow(outPtr: usize, rowPtr: usize, K: i32): void {
  if (ASC_FEATURE_SIMD) {
    for (let j = 0; j < K; j += 4, rowPtr += 16, outPtr += 16) v128.store(outPtr, logV(v128.load(rowPtr)));
  } else {
    plain.logRow(outPtr, rowPtr, K);
  }
}

/** max[j] = the greater of max[j] and row[j]; the first of equals. */
export function maxRow(maxPtr: usize, rowPtr: usize, K: i32): void {
  if (ASC_FEATURE_SIMD) {
    for (let j = 0; j < K; j += 4, maxPtr += 16, rowPtr += 16) {
      v128.store(maxPtr, f32x4.pmax(v128.load(maxPtr), v128.load(rowPtr)));
    }
  } else {
    plain.maxRow(maxPtr, rowPtr, K);
  }
}

/** out[j] = row[j] - offset[j]. */
export function subtractRow(outPtr: usize, rowPtr: usize, offsetPtr: usize, K: i32): void {
  if (ASC_FEATURE_SIMD) {
    for (let j = 0; j < K; j += 4, outPtr += 16, rowPtr += 16, offsetPtr += 16) {
      v128.store(outPtr, f32x4.sub(v128.load(rowPtr), v128.load(offsetPtr)));
    }
  } else {
    plain.subtractRow(outPtr, rowPtr, offsetPtr, K);
  }
}

/** out[j] += row[j] * scale, j < K; what lies behind out[K - 1] stays as it was. */
export function addScaledRow(outPtr: usize, rowPtr: usize, scale: f32, K: i32): void {
  if (ASC_FEATURE_SIMD) {
    const scales = f32x4.splat(scale);
    let j = 0;
    for (; j + 4 <= K; j += 4, outPtr += 16, rowPtr += 16) {
      v128.store(outPtr, f32x4.add(v128.load(outPtr), f32x4.mul(v128.load(rowPtr), scales)));
    }
    plain.addScaledRow(outPtr, rowPtr, scale, K - j);
  } else {
    plain.addScaledRow(outPtr, rowPtr, scale, K);
  }
}

/** out[j] = sum over i ascending, from +0, of x[i] * matrix[i][j]. */
export function rowProduct(outPtr: usize, xPtr: usize, matrixPtr: usize, K: i32, width: i32): void {
  if (ASC_FEATURE_SIMD) {
    const row = (<usize>width) << 2;
    let j = 0;
    // Four registers of sums hide the latency of the additions, which must follow one another.
    for (; j + 16 <= width; j += 16) {
      let s0 = f32x4.splat(0);
      let s1 = f32x4.splat(0);
      let s2 = f32x4.splat(0);
      let s3 = f32x4.splat(0);
      let at = matrixPtr + ((<usize>j) << 2);
      for (let i = 0; i < K; i++, at += row) {
        const x = v128.load32_splat(xPtr + ((<usize>i) << 2));
        s0 = f32x4.add(s0, f32x4.mul(x, v128.load(at)));
        s1 = f32x4.add(s1, f32x4.mul(x, v128.load(at, 16)));
        s2 = f32x4.add(s2, f32x4.mul(x, v128.load(at, 32)));
        s3 = f32x4.add(s3, f32x4.mul(x, v128.load(at, 48)));
      }
      const out = outPtr + ((<usize>j) << 2);
      v128.store(out, s0);
      v128.store(out, s1, 16);
      v128.store(out, s2, 32);
      v128.store(out, s3, 48);
    }
    for (; j < width; j += 4) {
      let sum = f32x4.splat(0);
      let at = matrixPtr + ((<usize>j) << 2);
      for (let i = 0; i < K; i++, at += row) {
        sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(xPtr + ((<usize>i) << 2)), v128.load(at)));
      }
      v128.store(outPtr + ((<usize>j) << 2), sum);
    }
  } else {
    plain.rowProduct(outPtr, xPtr, matrixPtr, K, width);
  }
}

/** counts[i][j] += (w[i] * matrix[i][j]) * v[j]. */
export function addPairs(countsPtr: usize, wPtr: usize, matrixPtr: usize, vPtr: usize, K: i32, width: i32): void {
  if (ASC_FEATURE_SIMD) {
    const row = (<usize>width) << 2;
    for (let i = 0; i < K; i++) {
      const w = v128.load32_splat(wPtr + ((<usize>i) << 2));
      for (let offset: usize = 0; offset < row; offset += 16) {
        const pair = f32x4.mul(f32x4.mul(w, v128.load(matrixPtr + offset)), v128.load(vPtr + offset));
        v128.store(countsPtr + offset, f32x4.add(v128.load(countsPtr + offset), pair));
      }
      matrixPtr += row;
      countsPtr += row;
    }
  } else {
    plain.addPairs(countsPtr, wPtr, matrixPtr, vPtr, K, width);
  }
}

/** out[j] = maximum over i of x[i] + matrix[i][j], in f64. */
export function maxPlus(outPtr: usize, xPtr: usize, matrixPtr: usize, K: i32, width: i32): void {
  if (ASC_FEATURE_SIMD) {
    const row = (<usize>width) << 3;
    for (let j = 0; j < width; j += 4) {
      let at = matrixPtr + ((<usize>j) << 3);
      const first = v128.load64_splat(xPtr);
      let b0 = f64x2.add(first, v128.load(at));
      let b1 = f64x2.add(first, v128.load(at, 16));
      for (let i = 1; i < K; i++) {
        at += row;
        const x = v128.load64_splat(xPtr + ((<usize>i) << 3));
        b0 = f64x2.pmax(b0, f64x2.add(x, v128.load(at)));
        b1 = f64x2.pmax(b1, f64x2.add(x, v128.load(at, 16)));
      }
      v128.store(outPtr + ((<usize>j) << 3), b0);
      v128.store(outPtr + ((<usize>j) << 3), b1, 16);
    }
  } else {
    plain.maxPlus(outPtr, xPtr, matrixPtr, K, width);
  }
}
