// Compressed sparse rows of a masked matrix: indices once per mask, values at each step.
//
// Computes       csrIndexRows: the kept entries of W[rows][columns] by row, columns ascending
//                csrIndexColumns: the kept entries by column, rows ascending (the rows of the transpose)
//                csrGatherRows, csrGatherColumns: the kept weights in the order of either index
// Layout         start[n + 1], index[nnz] (u32); the entries of row r are start[r] .. start[r + 1] - 1. An entry of the index
//                is 16 times its column (layout.ts has why)
// Aliasing       none
// Preconditions  the mask begins on a word boundary; room for as many entries as the mask keeps; a null mask keeps all
// Twin           none: integer work and copies, the same in every build
import { UNIT_SHIFT } from "../common/layout";
import { isKept } from "../common/mask-bits";

/** Indexes W by rows: `start` has rows + 1 entries, `index` holds 16 times the columns. Returns the number of kept entries. */
export function csrIndexRows(startPtr: usize, indexPtr: usize, maskPtr: usize, rows: i32, columns: i32): i32 {
  let count = 0;
  for (let r = 0; r < rows; r++) {
    store<u32>(startPtr + ((<usize>r) << 2), count);
    for (let c = 0; c < columns; c++) {
      if (!isKept(maskPtr, r * columns + c)) continue;
      store<u32>(indexPtr + ((<usize>count) << 2), c << UNIT_SHIFT);
      count++;
    }
  }
  store<u32>(startPtr + ((<usize>rows) << 2), count);
  return count;
}

/**
 * Indexes the transpose of W: `start` has columns + 1 entries, `index` holds 16 times the rows of W. Returns
 * the number of kept entries.
 */
export function csrIndexColumns(startPtr: usize, indexPtr: usize, maskPtr: usize, rows: i32, columns: i32): i32 {
  memory.fill(startPtr, 0, (<usize>columns + 1) << 2);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const cell = startPtr + ((<usize>c) << 2);
      if (isKept(maskPtr, r * columns + c)) store<u32>(cell, load<u32>(cell) + 1);
    }
  }
  let total: u32 = 0;
  for (let c = 0; c <= columns; c++) {
    const cell = startPtr + ((<usize>c) << 2);
    const count = load<u32>(cell);
    store<u32>(cell, total);
    total += count;
  }
  // start[c] serves as the cursor of column c and ends as start[c + 1]; the last loop puts it back.
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      if (!isKept(maskPtr, r * columns + c)) continue;
      const cell = startPtr + ((<usize>c) << 2);
      const i = load<u32>(cell);
      store<u32>(indexPtr + ((<usize>i) << 2), r << UNIT_SHIFT);
      store<u32>(cell, i + 1);
    }
  }
  for (let c = columns; c > 0; c--) store<u32>(startPtr + ((<usize>c) << 2), load<u32>(startPtr + ((<usize>(c - 1)) << 2)));
  store<u32>(startPtr, 0);
  return total;
}

/** value[i] = W[r][index[i] / 16] for the entries i of every row r of W. */
export function csrGatherRows(valuePtr: usize, wPtr: usize, startPtr: usize, indexPtr: usize, rows: i32, columns: i32): void {
  let i: usize = load<u32>(startPtr);
  for (let r = 0; r < rows; r++) {
    const row = wPtr + ((<usize>r * columns) << 2);
    const end: usize = load<u32>(startPtr + ((<usize>r) << 2), 4);
    for (; i < end; i++) store<f32>(valuePtr + (i << 2), load<f32>(row + ((<usize>load<u32>(indexPtr + (i << 2))) >> (UNIT_SHIFT - 2))));
  }
}

/**
 * value[i] = W[index[i] / 16][c] for the entries i of each of `count` columns c of W, from the one at `wPtr` whose entries
 * begin at `startPtr`; `columns` of all W.
 */
export function csrGatherColumns(valuePtr: usize, wPtr: usize, startPtr: usize, indexPtr: usize, columns: i32, count: i32): void {
  let i: usize = load<u32>(startPtr);
  for (let c = 0; c < count; c++) {
    const end: usize = load<u32>(startPtr + ((<usize>c) << 2), 4);
    for (; i < end; i++) {
      const row = (<usize>load<u32>(indexPtr + (i << 2))) * <usize>columns;
      store<f32>(valuePtr + (i << 2), load<f32>(wPtr + (row >> (UNIT_SHIFT - 2))));
    }
    wPtr += 4;
  }
}
