// Computes:      gatherRows   rows[i][f] = x[f][position[i]]
//                scatterRows  x[f][position[i]] = rows[i][f]
//                The turn between activations (a sentence is a lane, its tokens lie active[t] apart) and the rows of
//                one sentence, which the CRF reads.
// Reads:         x f32 [feature][position], or rows f32 [n][rowStride]; position u32[n].
// Writes:        n rows of `features` columns, or n positions of each feature; nothing else, padding stays as it was.
// Aliasing:      none.
// Preconditions: position[i] < stride and, for scatterRows, all different; rowStride >= features.
// Twin:          none; positions are not neighbours, so there is nothing for lanes to do.

/** Copies n positions of an activation to rows. */
export function gatherRows(rowsPtr: usize, rowStride: i32, xPtr: usize, stride: i32, features: i32, positionsPtr: usize, n: i32): void {
  for (let f = 0; f < features; f++) {
    const feature = xPtr + ((<usize>f * stride) << 2);
    let row = rowsPtr + ((<usize>f) << 2);
    for (let i = 0; i < n; i++) {
      store<f32>(row, load<f32>(feature + ((<usize>load<u32>(positionsPtr + ((<usize>i) << 2))) << 2)));
      row += (<usize>rowStride) << 2;
    }
  }
}

/** Copies rows back to n positions of an activation. */
export function scatterRows(xPtr: usize, stride: i32, rowsPtr: usize, rowStride: i32, features: i32, positionsPtr: usize, n: i32): void {
  for (let f = 0; f < features; f++) {
    const feature = xPtr + ((<usize>f * stride) << 2);
    let row = rowsPtr + ((<usize>f) << 2);
    for (let i = 0; i < n; i++) {
      store<f32>(feature + ((<usize>load<u32>(positionsPtr + ((<usize>i) << 2))) << 2), load<f32>(row));
      row += (<usize>rowStride) << 2;
    }
  }
}
