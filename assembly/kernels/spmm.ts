// Sparse products with positions in SIMD lanes: pruned weights are not computed.
//
// Computes       packTiles: X[feature][position] as tiles, tile[position / 16][feature][position % 16]
//                spmm: Y[r][p] (+)= sum_i value[i] X[index[i] / 16][p] (+ b[r]) over the entries i of row r
//                spmmWeightGradient: dW[r][c] = sum_p dY[r][p] X[c][p] at kept entries only
// Layout         activations [feature][position]; entries as in csr.ts; dW row-major [rows][columns]. A tile begins
//                every 16 * features elements; the last, of 4, 8 or 12 positions, holds a feature in 4, 8 or 16 elements.
//                A sparse row hops from feature to feature: in a tile they lie side by side and stay in the first-level
//                cache, a stride apart they would evict each other and their pages.
// Order          as gemm.ts, so that dense products of the masked matrix give the same bits
// Tiles          spmm one row x 16 positions, then two rows x 12, 8 or 4; gradient one row x 5 kept columns. What an
//                engine fetches ahead in the body of a loop has to fit the 15 vector registers beside the sums; the exit in
//                the middle of a loop ends what is fetched at once, and the rest of a turn is paid half as often.
// Aliasing       none between written and read buffers
// Preconditions  activations and tiles 16-byte aligned; strides and positions multiples of 4; positions >= 1
// Twin           spmm.scalar.ts
import { sumLane, sumLanes } from "../common/lane-sums";
import { biasOf, put } from "../common/put";
import { TILE_POSITIONS, UNIT_SHIFT } from "../common/layout";

/** Copies `width` (4, 8, 12 or 16) positions of every feature to a tile that holds a feature in `step` bytes. */
@inline
function packTile(tile: usize, step: usize, x: usize, xStep: usize, features: i32, width: i32): void {
  const end = tile + <usize>features * step;
  for (; tile < end; tile += step, x += xStep) {
    v128.store(tile, v128.load(x));
    if (width > 4) v128.store(tile, v128.load(x, 16), 16);
    if (width > 8) v128.store(tile, v128.load(x, 32), 32);
    if (width > 12) v128.store(tile, v128.load(x, 48), 48);
  }
}

/**
 * Copies tiles tileBegin .. tileEnd - 1 of X[features][positions] to their places in the array of tiles at `tilesPtr`,
 * which takes `features` times the positions rounded up to 16. Threads may share the tiles.
 */
export function packTiles(
  tilesPtr: usize,
  xPtr: usize,
  xStride: i32,
  features: i32,
  positions: i32,
  tileBegin: i32,
  tileEnd: i32,
): void {
  const xStep = (<usize>xStride) << 2;
  for (let t = tileBegin; t < tileEnd; t++) {
    const tile = tilesPtr + ((<usize>t * features * TILE_POSITIONS) << 2);
    const x = xPtr + ((<usize>t * TILE_POSITIONS) << 2);
    const left = positions - t * TILE_POSITIONS;
    if (left >= 16) packTile(tile, 64, x, xStep, features, 16);
    else if (left == 12) packTile(tile, 64, x, xStep, features, 12);
    else if (left == 8) packTile(tile, 32, x, xStep, features, 8);
    else packTile(tile, 16, x, xStep, features, 4);
  }
}

/** Where the index entries of row `r` begin. */
@inline
function entryOf(startPtr: usize, indexPtr: usize, r: i32): usize {
  return indexPtr + ((<usize>load<u32>(startPtr + ((<usize>r) << 2))) << 2);
}

/** The activations of the feature that entry `entry` of the index names, in a tile of 16 << `shift` bytes a feature. */
@inline
function inTile(tile: usize, shift: usize, entry: usize): usize {
  return tile + ((<usize>load<u32>(entry)) << shift);
}

/** 16 positions, one row at a time. */
function rows16(
  yPtr: usize,
  yStep: usize,
  startPtr: usize,
  indexPtr: usize,
  toValue: usize,
  tile: usize,
  biasPtr: usize,
  accumulate: i32,
  rowBegin: i32,
  rowEnd: i32,
): void {
  const plain = biasPtr == 0 && accumulate == 0;
  let y = yPtr + <usize>rowBegin * yStep;
  let entry = entryOf(startPtr, indexPtr, rowBegin);
  for (let r = rowBegin; r < rowEnd; r++) {
    const end = entryOf(startPtr, indexPtr, r + 1);
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    const pairs = end - 4;
    while (entry < pairs) {
      const value = entry + toValue;
      const source = inTile(tile, 2, entry);
      const w = v128.load32_splat(value);
      a = f32x4.add(a, f32x4.mul(w, v128.load(source)));
      b = f32x4.add(b, f32x4.mul(w, v128.load(source, 16)));
      c = f32x4.add(c, f32x4.mul(w, v128.load(source, 32)));
      d = f32x4.add(d, f32x4.mul(w, v128.load(source, 48)));
      const sourceNext = inTile(tile, 2, entry + 4);
      const wNext = v128.load32_splat(value, 4);
      a = f32x4.add(a, f32x4.mul(wNext, v128.load(sourceNext)));
      b = f32x4.add(b, f32x4.mul(wNext, v128.load(sourceNext, 16)));
      c = f32x4.add(c, f32x4.mul(wNext, v128.load(sourceNext, 32)));
      d = f32x4.add(d, f32x4.mul(wNext, v128.load(sourceNext, 48)));
      entry += 8;
      if (entry >= pairs) break;
      const sourceThird = inTile(tile, 2, entry);
      const wThird = v128.load32_splat(value, 8);
      a = f32x4.add(a, f32x4.mul(wThird, v128.load(sourceThird)));
      b = f32x4.add(b, f32x4.mul(wThird, v128.load(sourceThird, 16)));
      c = f32x4.add(c, f32x4.mul(wThird, v128.load(sourceThird, 32)));
      d = f32x4.add(d, f32x4.mul(wThird, v128.load(sourceThird, 48)));
      const sourceLast = inTile(tile, 2, entry + 4);
      const wLast = v128.load32_splat(value, 12);
      a = f32x4.add(a, f32x4.mul(wLast, v128.load(sourceLast)));
      b = f32x4.add(b, f32x4.mul(wLast, v128.load(sourceLast, 16)));
      c = f32x4.add(c, f32x4.mul(wLast, v128.load(sourceLast, 32)));
      d = f32x4.add(d, f32x4.mul(wLast, v128.load(sourceLast, 48)));
      entry += 8;
    }
    if (entry < end) {
      const value = entry + toValue;
      const source = inTile(tile, 2, entry);
      const w = v128.load32_splat(value);
      a = f32x4.add(a, f32x4.mul(w, v128.load(source)));
      b = f32x4.add(b, f32x4.mul(w, v128.load(source, 16)));
      c = f32x4.add(c, f32x4.mul(w, v128.load(source, 32)));
      d = f32x4.add(d, f32x4.mul(w, v128.load(source, 48)));
    }
    entry = end;
    if (plain) {
      v128.store(y, a);
      v128.store(y, b, 16);
      v128.store(y, c, 32);
      v128.store(y, d, 48);
    } else {
      const bias = biasOf(biasPtr, r);
      put(y, a, bias, accumulate);
      put(y + 16, b, bias, accumulate);
      put(y + 32, c, bias, accumulate);
      put(y + 48, d, bias, accumulate);
    }
    y += yStep;
  }
}

// With fewer positions one row leaves the adders idle between the steps of its few chains: take two rows at a time, as
// far as both have entries, then the rest of the longer one.

/** 12 positions, two rows at a time. */
function rows12(
  yPtr: usize,
  yStep: usize,
  startPtr: usize,
  indexPtr: usize,
  toValue: usize,
  tile: usize,
  biasPtr: usize,
  accumulate: i32,
  rowBegin: i32,
  rowEnd: i32,
): void {
  let y = yPtr + <usize>rowBegin * yStep;
  let entry = entryOf(startPtr, indexPtr, rowBegin);
  for (let r = rowBegin; r < rowEnd; r += 2) {
    const end = entryOf(startPtr, indexPtr, r + 1);
    const nextEnd = entryOf(startPtr, indexPtr, min(r + 2, rowEnd));
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let e = a;
    let f = a;
    let next = end;
    const joint = entry + min(end - entry, nextEnd - end);
    while (entry < joint) {
      const value = entry + toValue;
      const valueNext = next + toValue;
      const source = inTile(tile, 2, entry);
      const w = v128.load32_splat(value);
      a = f32x4.add(a, f32x4.mul(w, v128.load(source)));
      b = f32x4.add(b, f32x4.mul(w, v128.load(source, 16)));
      c = f32x4.add(c, f32x4.mul(w, v128.load(source, 32)));
      const sourceNext = inTile(tile, 2, next);
      const wNext = v128.load32_splat(valueNext);
      d = f32x4.add(d, f32x4.mul(wNext, v128.load(sourceNext)));
      e = f32x4.add(e, f32x4.mul(wNext, v128.load(sourceNext, 16)));
      f = f32x4.add(f, f32x4.mul(wNext, v128.load(sourceNext, 32)));
      entry += 4;
      next += 4;
      if (entry >= joint) break;
      const sourceSecond = inTile(tile, 2, entry);
      const wSecond = v128.load32_splat(value, 4);
      a = f32x4.add(a, f32x4.mul(wSecond, v128.load(sourceSecond)));
      b = f32x4.add(b, f32x4.mul(wSecond, v128.load(sourceSecond, 16)));
      c = f32x4.add(c, f32x4.mul(wSecond, v128.load(sourceSecond, 32)));
      const sourceLast = inTile(tile, 2, next);
      const wLast = v128.load32_splat(valueNext, 4);
      d = f32x4.add(d, f32x4.mul(wLast, v128.load(sourceLast)));
      e = f32x4.add(e, f32x4.mul(wLast, v128.load(sourceLast, 16)));
      f = f32x4.add(f, f32x4.mul(wLast, v128.load(sourceLast, 32)));
      entry += 4;
      next += 4;
    }
    for (; entry < end; entry += 4) {
      const source = inTile(tile, 2, entry);
      const w = v128.load32_splat(entry + toValue);
      a = f32x4.add(a, f32x4.mul(w, v128.load(source)));
      b = f32x4.add(b, f32x4.mul(w, v128.load(source, 16)));
      c = f32x4.add(c, f32x4.mul(w, v128.load(source, 32)));
    }
    for (; next < nextEnd; next += 4) {
      const source = inTile(tile, 2, next);
      const w = v128.load32_splat(next + toValue);
      d = f32x4.add(d, f32x4.mul(w, v128.load(source)));
      e = f32x4.add(e, f32x4.mul(w, v128.load(source, 16)));
      f = f32x4.add(f, f32x4.mul(w, v128.load(source, 32)));
    }
    const bias = biasOf(biasPtr, r);
    put(y, a, bias, accumulate);
    put(y + 16, b, bias, accumulate);
    put(y + 32, c, bias, accumulate);
    if (r + 1 == rowEnd) return;
    y += yStep;
    const nextBias = biasOf(biasPtr, r + 1);
    put(y, d, nextBias, accumulate);
    put(y + 16, e, nextBias, accumulate);
    put(y + 32, f, nextBias, accumulate);
    y += yStep;
    entry = nextEnd;
  }
}

/** 8 positions, two rows at a time. */
function rows8(
  yPtr: usize,
  yStep: usize,
  startPtr: usize,
  indexPtr: usize,
  toValue: usize,
  tile: usize,
  biasPtr: usize,
  accumulate: i32,
  rowBegin: i32,
  rowEnd: i32,
): void {
  let y = yPtr + <usize>rowBegin * yStep;
  let entry = entryOf(startPtr, indexPtr, rowBegin);
  for (let r = rowBegin; r < rowEnd; r += 2) {
    const end = entryOf(startPtr, indexPtr, r + 1);
    const nextEnd = entryOf(startPtr, indexPtr, min(r + 2, rowEnd));
    let a = f32x4.splat(0);
    let b = a;
    let d = a;
    let e = a;
    let next = end;
    const joint = entry + min(end - entry, nextEnd - end);
    while (entry < joint) {
      const value = entry + toValue;
      const valueNext = next + toValue;
      const source = inTile(tile, 1, entry);
      const w = v128.load32_splat(value);
      a = f32x4.add(a, f32x4.mul(w, v128.load(source)));
      b = f32x4.add(b, f32x4.mul(w, v128.load(source, 16)));
      const sourceNext = inTile(tile, 1, next);
      const wNext = v128.load32_splat(valueNext);
      d = f32x4.add(d, f32x4.mul(wNext, v128.load(sourceNext)));
      e = f32x4.add(e, f32x4.mul(wNext, v128.load(sourceNext, 16)));
      entry += 4;
      next += 4;
      if (entry >= joint) break;
      const sourceSecond = inTile(tile, 1, entry);
      const wSecond = v128.load32_splat(value, 4);
      a = f32x4.add(a, f32x4.mul(wSecond, v128.load(sourceSecond)));
      b = f32x4.add(b, f32x4.mul(wSecond, v128.load(sourceSecond, 16)));
      const sourceLast = inTile(tile, 1, next);
      const wLast = v128.load32_splat(valueNext, 4);
      d = f32x4.add(d, f32x4.mul(wLast, v128.load(sourceLast)));
      e = f32x4.add(e, f32x4.mul(wLast, v128.load(sourceLast, 16)));
      entry += 4;
      next += 4;
    }
    for (; entry < end; entry += 4) {
      const source = inTile(tile, 1, entry);
      const w = v128.load32_splat(entry + toValue);
      a = f32x4.add(a, f32x4.mul(w, v128.load(source)));
      b = f32x4.add(b, f32x4.mul(w, v128.load(source, 16)));
    }
    for (; next < nextEnd; next += 4) {
      const source = inTile(tile, 1, next);
      const w = v128.load32_splat(next + toValue);
      d = f32x4.add(d, f32x4.mul(w, v128.load(source)));
      e = f32x4.add(e, f32x4.mul(w, v128.load(source, 16)));
    }
    const bias = biasOf(biasPtr, r);
    put(y, a, bias, accumulate);
    put(y + 16, b, bias, accumulate);
    if (r + 1 == rowEnd) return;
    y += yStep;
    const nextBias = biasOf(biasPtr, r + 1);
    put(y, d, nextBias, accumulate);
    put(y + 16, e, nextBias, accumulate);
    y += yStep;
    entry = nextEnd;
  }
}

/** 4 positions, two rows at a time. */
function rows4(
  yPtr: usize,
  yStep: usize,
  startPtr: usize,
  indexPtr: usize,
  toValue: usize,
  tile: usize,
  biasPtr: usize,
  accumulate: i32,
  rowBegin: i32,
  rowEnd: i32,
): void {
  let y = yPtr + <usize>rowBegin * yStep;
  let entry = entryOf(startPtr, indexPtr, rowBegin);
  for (let r = rowBegin; r < rowEnd; r += 2) {
    const end = entryOf(startPtr, indexPtr, r + 1);
    const nextEnd = entryOf(startPtr, indexPtr, min(r + 2, rowEnd));
    let a = f32x4.splat(0);
    let d = a;
    let next = end;
    const joint = entry + min(end - entry, nextEnd - end);
    while (entry < joint) {
      const value = entry + toValue;
      const valueNext = next + toValue;
      const source = inTile(tile, 0, entry);
      const w = v128.load32_splat(value);
      a = f32x4.add(a, f32x4.mul(w, v128.load(source)));
      const sourceNext = inTile(tile, 0, next);
      const wNext = v128.load32_splat(valueNext);
      d = f32x4.add(d, f32x4.mul(wNext, v128.load(sourceNext)));
      entry += 4;
      next += 4;
      if (entry >= joint) break;
      const sourceSecond = inTile(tile, 0, entry);
      const wSecond = v128.load32_splat(value, 4);
      a = f32x4.add(a, f32x4.mul(wSecond, v128.load(sourceSecond)));
      const sourceLast = inTile(tile, 0, next);
      const wLast = v128.load32_splat(valueNext, 4);
      d = f32x4.add(d, f32x4.mul(wLast, v128.load(sourceLast)));
      entry += 4;
      next += 4;
    }
    for (; entry < end; entry += 4) {
      const source = inTile(tile, 0, entry);
      const w = v128.load32_splat(entry + toValue);
      a = f32x4.add(a, f32x4.mul(w, v128.load(source)));
    }
    for (; next < nextEnd; next += 4) {
      const source = inTile(tile, 0, next);
      const w = v128.load32_splat(next + toValue);
      d = f32x4.add(d, f32x4.mul(w, v128.load(source)));
    }
    const bias = biasOf(biasPtr, r);
    put(y, a, bias, accumulate);
    if (r + 1 == rowEnd) return;
    y += yStep;
    const nextBias = biasOf(biasPtr, r + 1);
    put(y, d, nextBias, accumulate);
    y += yStep;
    entry = nextEnd;
  }
}

/**
 * Y[r][p] (+)= sum_i value[i] X[index[i] / 16][p] (+ b[r]) over the entries of row r, for rows rowBegin .. rowEnd - 1 and all
 * positions; X[features][positions] as tiles. `accumulate` 0 overwrites Y; `biasPtr` 0 = no bias.
 */
export function spmm(
  yPtr: usize,
  yStride: i32,
  startPtr: usize,
  indexPtr: usize,
  valuePtr: usize,
  tilesPtr: usize,
  features: i32,
  positions: i32,
  biasPtr: usize,
  accumulate: i32,
  rowBegin: i32,
  rowEnd: i32,
): void {
  const yStep = (<usize>yStride) << 2;
  const tileBytes = (<usize>features * TILE_POSITIONS) << 2;
  const toValue = valuePtr - indexPtr;
  // Tiles outermost: one stays in the cache while all rows pass.
  let left = positions;
  for (; left >= TILE_POSITIONS; left -= TILE_POSITIONS) {
    rows16(yPtr, yStep, startPtr, indexPtr, toValue, tilesPtr, biasPtr, accumulate, rowBegin, rowEnd);
    yPtr += 64;
    tilesPtr += tileBytes;
  }
  if (left == 12) rows12(yPtr, yStep, startPtr, indexPtr, toValue, tilesPtr, biasPtr, accumulate, rowBegin, rowEnd);
  else if (left == 8) rows8(yPtr, yStep, startPtr, indexPtr, toValue, tilesPtr, biasPtr, accumulate, rowBegin, rowEnd);
  else if (left == 4) rows4(yPtr, yStep, startPtr, indexPtr, toValue, tilesPtr, biasPtr, accumulate, rowBegin, rowEnd);
}

/** The activations of the feature that entry `entry` of the index names; `unitStep`: its step over the 16 that it counts in. */
@inline
function feature(x: usize, unitStep: usize, entry: usize): usize {
  return x + <usize>load<u32>(entry) * unitStep;
}

/** Where the gradient of the column that entry `entry` of the index names lies in its row. */
@inline
function column(dw: usize, entry: usize): usize {
  return dw + ((<usize>load<u32>(entry)) >> (UNIT_SHIFT - 2));
}

/**
 * Gradients of one row at the 5 columns of the entries from `entry` on. Pointers advance once in 8 positions; the exit
 * between the two halves also keeps an engine from fetching both at once, for which it has no registers.
 */
@inline
function gradient5(dw: usize, dy: usize, bytes: usize, x: usize, unitStep: usize, entry: usize): void {
  let x0 = feature(x, unitStep, entry);
  let x1 = feature(x, unitStep, entry + 4);
  let x2 = feature(x, unitStep, entry + 8);
  let x3 = feature(x, unitStep, entry + 12);
  let x4 = feature(x, unitStep, entry + 16);
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let e = a;
  const end = dy + bytes;
  while (true) {
    const value = v128.load(dy);
    a = f32x4.add(a, f32x4.mul(value, v128.load(x0)));
    b = f32x4.add(b, f32x4.mul(value, v128.load(x1)));
    c = f32x4.add(c, f32x4.mul(value, v128.load(x2)));
    d = f32x4.add(d, f32x4.mul(value, v128.load(x3)));
    e = f32x4.add(e, f32x4.mul(value, v128.load(x4)));
    if (dy + 16 >= end) break;
    const valueNext = v128.load(dy, 16);
    a = f32x4.add(a, f32x4.mul(valueNext, v128.load(x0, 16)));
    b = f32x4.add(b, f32x4.mul(valueNext, v128.load(x1, 16)));
    c = f32x4.add(c, f32x4.mul(valueNext, v128.load(x2, 16)));
    d = f32x4.add(d, f32x4.mul(valueNext, v128.load(x3, 16)));
    e = f32x4.add(e, f32x4.mul(valueNext, v128.load(x4, 16)));
    dy += 32;
    if (dy >= end) break;
    x0 += 32;
    x1 += 32;
    x2 += 32;
    x3 += 32;
    x4 += 32;
  }
  const sums = sumLanes(a, b, c, d);
  store<f32>(column(dw, entry), f32x4.extract_lane(sums, 0));
  store<f32>(column(dw, entry + 4), f32x4.extract_lane(sums, 1));
  store<f32>(column(dw, entry + 8), f32x4.extract_lane(sums, 2));
  store<f32>(column(dw, entry + 12), f32x4.extract_lane(sums, 3));
  store<f32>(column(dw, entry + 16), sumLane(e));
}

/** Gradient of one row at the column of `entry`. */
function gradient1(dw: usize, dy: usize, bytes: usize, x: usize, unitStep: usize, entry: usize): void {
  const from = feature(x, unitStep, entry);
  let sum = f32x4.splat(0);
  for (let p: usize = 0; p < bytes; p += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(dy + p), v128.load(from + p)));
  store<f32>(column(dw, entry), sumLane(sum));
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
  const unitStep = ((<usize>xStride) << 2) >> UNIT_SHIFT;
  const bytes = (<usize>positions) << 2;
  for (let r = rowBegin; r < rowEnd; r++) {
    const dy = dyPtr + <usize>r * dyStep;
    const dw = dwPtr + ((<usize>r * columns) << 2);
    let entry = entryOf(startPtr, indexPtr, r);
    const end = entryOf(startPtr, indexPtr, r + 1);
    if (end - entry >= 20) {
      // The last columns of a row are computed with some before them, to the same bits: sooner done than each alone.
      for (; entry < end; entry += 20) gradient5(dw, dy, bytes, xPtr, unitStep, min(entry, end - 20));
    } else {
      for (; entry < end; entry += 4) gradient1(dw, dy, bytes, xPtr, unitStep, entry);
    }
  }
}
