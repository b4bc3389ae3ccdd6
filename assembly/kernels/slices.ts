// A masked matrix for products with one vector: rows in SIMD lanes, four a slice, pruned weights left out.
//
// Computes       sliceRows: which entries of W[rows][columns] the slices hold, once per mask
//                sliceGather: the kept weights in that order
// Source         sliced ELLPACK: Monakov, Lokhmotov & Avetisyan 2010, "Automatically tuning sparse matrix-vector
//                multiplication for GPU architectures"
// Layout         slices u32: start[rows / 4 + 1], row[rows], count[rows]. count[r] is the number of kept entries of row r; row
//                lists the rows by it, most first, ties by row, so that the four rows of a slice are of almost one length.
//                Slice s takes places start[s] .. start[s + 1] - 1 of offset u16[][4] and value f32[][4]: lane i holds the
//                entries of row[4 s + i], columns ascending, the column as a byte offset into a vector; where that row is
//                shorter than its slice it ends in weights of +0 at offset 0, which change no sum.
// Aliasing       none
// Preconditions  rows a multiple of 4; columns below 16384; the mask begins on a word boundary, a null mask keeps all; room
//                for (kept entries) / 4 + columns places
// Twin           none: integer work and copies, the same in every build
import { LANES } from "../common/layout";
import { isKept } from "../common/mask-bits";

/** Where row[0] lies in the slices of a matrix of `rows` rows. */
@inline
export function rowsOfSlices(slicesPtr: usize, rows: i32): usize {
  return slicesPtr + ((<usize>(rows / LANES + 1)) << 2);
}

/** Writes slices and offsets; returns the number of places of all slices together. */
export function sliceRows(slicesPtr: usize, offsetPtr: usize, maskPtr: usize, rows: i32, columns: i32): i32 {
  const rowPtr = rowsOfSlices(slicesPtr, rows);
  const countPtr = rowPtr + ((<usize>rows) << 2);
  for (let r = 0; r < rows; r++) {
    let count = 0;
    for (let c = 0; c < columns; c++) count += <i32>isKept(maskPtr, r * columns + c);
    store<u32>(countPtr + ((<usize>r) << 2), count);
  }
  let listed = rowPtr;
  for (let count = columns; count >= 0; count--) {
    for (let r = 0; r < rows; r++) {
      if (load<i32>(countPtr + ((<usize>r) << 2)) != count) continue;
      store<u32>(listed, r);
      listed += 4;
    }
  }
  let place = 0;
  for (let i = 0; i < rows; i++) {
    const lane = i % LANES;
    const r = load<i32>(rowPtr + ((<usize>i) << 2));
    if (lane == 0) {
      store<u32>(slicesPtr + ((<usize>(i / LANES)) << 2), place);
      const length = load<i32>(countPtr + ((<usize>r) << 2));
      memory.fill(offsetPtr + ((<usize>place) << 3), 0, (<usize>length) << 3);
      place += length;
    }
    let offset = offsetPtr + ((<usize>load<u32>(slicesPtr + ((<usize>(i / LANES)) << 2))) << 3) + ((<usize>lane) << 1);
    for (let c = 0; c < columns; c++) {
      if (!isKept(maskPtr, r * columns + c)) continue;
      store<u16>(offset, c << 2);
      offset += 2 * LANES;
    }
  }
  store<u32>(slicesPtr + ((<usize>(rows / LANES)) << 2), place);
  return place;
}

/** value = W at the entries of the slices, +0 past the end of a row. */
export function sliceGather(valuePtr: usize, wPtr: usize, slicesPtr: usize, offsetPtr: usize, rows: i32, columns: i32): void {
  const rowPtr = rowsOfSlices(slicesPtr, rows);
  const countPtr = rowPtr + ((<usize>rows) << 2);
  for (let i = 0; i < rows; i++) {
    const start = slicesPtr + ((<usize>(i / LANES)) << 2);
    const places = load<i32>(start, 4) - load<i32>(start);
    const r = load<i32>(rowPtr + ((<usize>i) << 2));
    const count = load<i32>(countPtr + ((<usize>r) << 2));
    const row = wPtr + ((<usize>r * columns) << 2);
    let entry = (<usize>load<u32>(start)) * LANES + (i % LANES);
    for (let k = 0; k < places; k++) {
      const w: f32 = k < count ? load<f32>(row + <usize>load<u16>(offsetPtr + (entry << 1))) : 0;
      store<f32>(valuePtr + (entry << 2), w);
      entry += LANES;
    }
  }
}
