// Computes   moves columns of activations between position sets: embedding rows in and their gradients out, and
//            features of a batch's distinct words to its tokens and back.
// Layout     activations [feature][position]; tables and row gradients [row][feature].
// Order      scatters: one accumulator per destination from +0, sources in the order of the list the host gives.
// Twin       none: plain loads and adds, both builds run this source.

/**
 * x[f][p] = table[rows[p]][f], +0 where rows[p] is negative (padding).
 * Reads rowsPtr i32[positions], tablePtr f32[rows][dimension]; writes xPtr f32[dimension][stride].
 */
export function embeddingGather(xPtr: usize, stride: i32, tablePtr: usize, dimension: i32, rowsPtr: usize, positions: i32): void {
  for (let p = 0; p < positions; p++) {
    const row = load<i32>(rowsPtr + ((<usize>p) << 2));
    let x = xPtr + ((<usize>p) << 2);
    if (row < 0) {
      for (let f = 0; f < dimension; f++) {
        store<f32>(x, 0);
        x += (<usize>stride) << 2;
      }
    } else {
      const source = tablePtr + ((<usize>row * <usize>dimension) << 2);
      for (let f = 0; f < dimension; f++) {
        store<f32>(x, load<f32>(source + ((<usize>f) << 2)));
        x += (<usize>stride) << 2;
      }
    }
  }
}

/**
 * dRows[u][f] = sum over positions of list u of dx[f][position].
 * Reads startPtr u32[rows + 1], listPtr u32[...]: list u is listPtr[start[u] .. start[u + 1]); writes dRowsPtr f32[rows][dimension].
 */
export function embeddingScatter(
  dRowsPtr: usize,
  dimension: i32,
  dxPtr: usize,
  stride: i32,
  startPtr: usize,
  listPtr: usize,
  rows: i32,
): void {
  for (let u = 0; u < rows; u++) {
    const begin = load<u32>(startPtr + ((<usize>u) << 2));
    const end = load<u32>(startPtr + ((<usize>u) << 2), 4);
    const out = dRowsPtr + ((<usize>u * <usize>dimension) << 2);
    for (let f = 0; f < dimension; f++) {
      const dx = dxPtr + ((<usize>f * <usize>stride) << 2);
      let sum: f32 = 0;
      for (let i = begin; i < end; i++) sum += load<f32>(dx + ((<usize>load<u32>(listPtr + ((<usize>i) << 2))) << 2));
      store<f32>(out + ((<usize>f) << 2), sum);
    }
  }
}

/** y[f][p] = x[f][index[p]], +0 where index[p] is negative. Reads indexPtr i32[positions]. */
export function gatherPositions(
  yPtr: usize,
  yStride: i32,
  xPtr: usize,
  xStride: i32,
  features: i32,
  indexPtr: usize,
  positions: i32,
): void {
  for (let f = 0; f < features; f++) {
    const x = xPtr + ((<usize>f * <usize>xStride) << 2);
    const y = yPtr + ((<usize>f * <usize>yStride) << 2);
    for (let p = 0; p < positions; p++) {
      const index = load<i32>(indexPtr + ((<usize>p) << 2));
      store<f32>(y + ((<usize>p) << 2), index < 0 ? 0 : load<f32>(x + ((<usize>index) << 2)));
    }
  }
}

/**
 * dx[f][u] = sum over positions of list u of dy[f][position]; columns outputs .. padded are set to +0.
 * Reads startPtr u32[outputs + 1], listPtr as in embeddingScatter.
 */
export function scatterPositions(
  dxPtr: usize,
  xStride: i32,
  dyPtr: usize,
  yStride: i32,
  features: i32,
  startPtr: usize,
  listPtr: usize,
  outputs: i32,
  padded: i32,
): void {
  for (let f = 0; f < features; f++) {
    const dy = dyPtr + ((<usize>f * <usize>yStride) << 2);
    const dx = dxPtr + ((<usize>f * <usize>xStride) << 2);
    for (let u = 0; u < outputs; u++) {
      const end = load<u32>(startPtr + ((<usize>u) << 2), 4);
      let sum: f32 = 0;
      for (let i = load<u32>(startPtr + ((<usize>u) << 2)); i < end; i++) {
        sum += load<f32>(dy + ((<usize>load<u32>(listPtr + ((<usize>i) << 2))) << 2));
      }
      store<f32>(dx + ((<usize>u) << 2), sum);
    }
    for (let u = outputs; u < padded; u++) store<f32>(dx + ((<usize>u) << 2), 0);
  }
}
