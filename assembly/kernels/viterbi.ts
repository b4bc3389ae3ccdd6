// Computes:      the best tag sequence of one sentence and its score,
//                d_0(j) = start(j) + e_0(j);  d_t(j) = max_i (d_{t-1}(i) + A(i, j)) + e_t(j);  score = max_j (d_{T-1}(j) + end(j))
// Source:        Viterbi 1967; Forney 1973.
// Reads:         emissions f32 [T][rowStride], transitions f32 [K][rowStride] as [from][to], start and end f32[K]
//                (pointer 0 = none). Columns K..rowStride-1 are not used.
// Writes:        path i32[T]; scratch.
// Order:         additions as written above, in f64: sums of a few thousand f32 scores of similar size are exact there,
//                so that equal paths are equal and a long sentence is decided as finely as a short one.
//                Ties go to the lower tag at every decision: last tag, then each predecessor.
// Aliasing:      none.
// Preconditions: finite scores, T >= 1, K >= 1, rowStride a multiple of 4; scratch of crfScratchBytes(T, K), 16-byte aligned.
// Twin:          the inner loop's, crf-rows.scalar.ts.
import { maxPlus } from "./crf-rows";

/** Writes the best path and returns its score. */
export function crfViterbi(
  pathPtr: usize,
  emissionsPtr: usize,
  transitionsPtr: usize,
  startPtr: usize,
  endPtr: usize,
  T: i32,
  K: i32,
  rowStride: i32,
  scratchPtr: usize,
): f64 {
  const width = (K + 3) & ~3;
  const row = <usize>width << 3;
  const scoresPtr = scratchPtr + row * <usize>K; // d, a row a token; the transitions in f64 lie before it
  for (let i = 0; i < K; i++) promote(scratchPtr + <usize>i * row, transitionsPtr + ((<usize>i * rowStride) << 2), K);

  for (let j = 0; j < K; j++) {
    const start = startPtr ? <f64>load<f32>(startPtr + (<usize>j << 2)) : 0;
    store<f64>(scoresPtr + (<usize>j << 3), start + <f64>load<f32>(emissionsPtr + (<usize>j << 2)));
  }
  for (let t = 1; t < T; t++) {
    const now = scoresPtr + <usize>t * row;
    maxPlus(now, now - row, scratchPtr, K, width);
    const emissions = emissionsPtr + ((<usize>t * rowStride) << 2);
    for (let j = 0; j < K; j++) {
      const at = now + (<usize>j << 3);
      store<f64>(at, load<f64>(at) + <f64>load<f32>(emissions + (<usize>j << 2)));
    }
  }

  let last = scoresPtr + <usize>(T - 1) * row;
  let tag = 0;
  let score = finalScore(last, endPtr, 0);
  for (let j = 1; j < K; j++) {
    const x = finalScore(last, endPtr, j);
    if (x > score) {
      score = x;
      tag = j;
    }
  }
  // No back pointers: only the K sums that lead to each tag of the path are looked at again.
  store<i32>(pathPtr + (<usize>(T - 1) << 2), tag);
  for (let t = T - 2; t >= 0; t--) {
    last -= row;
    tag = bestSource(last, scratchPtr + (<usize>tag << 3), K, row);
    store<i32>(pathPtr + (<usize>t << 2), tag);
  }
  return score;
}

@inline
function finalScore(scoresPtr: usize, endPtr: usize, j: i32): f64 {
  const score = load<f64>(scoresPtr + (<usize>j << 3));
  return endPtr ? score + <f64>load<f32>(endPtr + (<usize>j << 2)) : score;
}

/** The lowest i with the greatest x[i] + column[i]. */
function bestSource(xPtr: usize, columnPtr: usize, K: i32, row: usize): i32 {
  let best = 0;
  let highest = load<f64>(xPtr) + load<f64>(columnPtr);
  for (let i = 1; i < K; i++) {
    const x = load<f64>(xPtr + (<usize>i << 3)) + load<f64>(columnPtr + <usize>i * row);
    if (x > highest) {
      highest = x;
      best = i;
    }
  }
  return best;
}

function promote(outPtr: usize, rowPtr: usize, K: i32): void {
  for (let j = 0; j < K; j++) store<f64>(outPtr + (<usize>j << 3), load<f32>(rowPtr + (<usize>j << 2)));
}
