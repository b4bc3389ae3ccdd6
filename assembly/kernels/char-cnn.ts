// Computes   the data movement of a character CNN over the distinct words of a batch: windows of characters
//            (im2col), ReLU with max over a word's characters, and both backward passes. The product with the
//            filters itself is gemm / spmm, on these windows.
// Source     Ma & Hovy 2016, section 2.1; pad characters are zero and frozen (docs/method.md), so a word's features
//            never depend on its neighbours.
// Layout     characters of all words one after the other: word w owns positions start[w] .. start[w + 1);
//            activations [feature][character position], pooled [filter][word].
// Order      each window entry has one source; the window gradient of a character is summed over offsets ascending.
// Twin       none: plain loads, adds and comparisons, both builds run this source.

/**
 * window[c * width + k][q] = e[c][q + k - (width - 1) / 2] where that character is in the same word, else +0.
 * Writes windowPtr f32[dimension * width][stride]; columns characters .. padded are +0.
 */
export function charWindows(
  windowPtr: usize,
  ePtr: usize,
  stride: i32,
  dimension: i32,
  width: i32,
  startPtr: usize,
  words: i32,
  padded: i32,
): void {
  const half = (width - 1) >> 1;
  for (let c = 0; c < dimension; c++) {
    const e = ePtr + ((<usize>c * <usize>stride) << 2);
    for (let k = 0; k < width; k++) {
      const out = windowPtr + ((<usize>(c * width + k) * <usize>stride) << 2);
      let end = 0;
      for (let w = 0; w < words; w++) {
        const begin = end;
        end = load<i32>(startPtr + ((<usize>w) << 2), 4);
        for (let q = begin; q < end; q++) {
          const source = q + k - half;
          store<f32>(out + ((<usize>q) << 2), source >= begin && source < end ? load<f32>(e + ((<usize>source) << 2)) : 0);
        }
      }
      for (let q = end; q < padded; q++) store<f32>(out + ((<usize>q) << 2), 0);
    }
  }
}

/** dE[c][q] = sum over k ascending of dWindow[c * width + k][q - k + (width - 1) / 2] inside the word. */
export function charWindowsBackward(
  dePtr: usize,
  dWindowPtr: usize,
  stride: i32,
  dimension: i32,
  width: i32,
  startPtr: usize,
  words: i32,
  padded: i32,
): void {
  const half = (width - 1) >> 1;
  for (let c = 0; c < dimension; c++) {
    const de = dePtr + ((<usize>c * <usize>stride) << 2);
    let end = 0;
    for (let w = 0; w < words; w++) {
      const begin = end;
      end = load<i32>(startPtr + ((<usize>w) << 2), 4);
      for (let q = begin; q < end; q++) {
        let sum: f32 = 0;
        for (let k = 0; k < width; k++) {
          const target = q - k + half;
          if (target >= begin && target < end) {
            sum += load<f32>(dWindowPtr + ((<usize>(c * width + k) * <usize>stride + <usize>target) << 2));
          }
        }
        store<f32>(de + ((<usize>q) << 2), sum);
      }
    }
    for (let q = end; q < padded; q++) store<f32>(de + ((<usize>q) << 2), 0);
  }
}

/**
 * pooled[f][w] = max(0, max over the characters q of word w of x[f][q]); argument[f][w] = the first q of that
 * maximum, or -1 where the maximum is not above 0 (ReLU passes no gradient there). Columns words .. padded are +0.
 */
export function reluMaxPool(
  pooledPtr: usize,
  argumentPtr: usize,
  pooledStride: i32,
  xPtr: usize,
  stride: i32,
  filters: i32,
  startPtr: usize,
  words: i32,
  padded: i32,
): void {
  for (let f = 0; f < filters; f++) {
    const x = xPtr + ((<usize>f * <usize>stride) << 2);
    const pooled = pooledPtr + ((<usize>f * <usize>pooledStride) << 2);
    const argument = argumentPtr + ((<usize>f * <usize>pooledStride) << 2);
    let q = 0;
    for (let w = 0; w < words; w++) {
      const end = load<i32>(startPtr + ((<usize>w) << 2), 4);
      let best: f32 = 0;
      let at = -1;
      for (; q < end; q++) {
        const value = load<f32>(x + ((<usize>q) << 2));
        if (value > best) {
          best = value;
          at = q;
        }
      }
      store<f32>(pooled + ((<usize>w) << 2), best);
      store<i32>(argument + ((<usize>w) << 2), at);
    }
    for (let w = words; w < padded; w++) store<f32>(pooled + ((<usize>w) << 2), 0);
  }
}

/** dx[f][argument[f][w]] = dPooled[f][w], +0 elsewhere in columns 0 .. padded. */
export function reluMaxPoolBackward(
  dxPtr: usize,
  stride: i32,
  padded: i32,
  dPooledPtr: usize,
  argumentPtr: usize,
  pooledStride: i32,
  filters: i32,
  words: i32,
): void {
  for (let f = 0; f < filters; f++) {
    const dx = dxPtr + ((<usize>f * <usize>stride) << 2);
    memory.fill(dx, 0, (<usize>padded) << 2);
    for (let w = 0; w < words; w++) {
      const cell = (<usize>f * <usize>pooledStride + <usize>w) << 2;
      const at = load<i32>(argumentPtr + cell);
      if (at >= 0) store<f32>(dx + ((<usize>at) << 2), load<f32>(dPooledPtr + cell));
    }
  }
}
