// Computes:      the linear-chain CRF of one sentence,
//                score(y) = start(y_0) + sum_t e_t(y_t) + sum_t A(y_{t-1}, y_t) + end(y_{T-1}),
//                log Z, the marginals p_t(j), and the gradient of log Z - score(gold):
//                  a_0(j) = start(j) + e_0(j)        a_t(j) = log sum_i exp(a_{t-1}(i) + A(i, j)) + e_t(j)
//                  b_{T-1}(i) = end(i)               b_t(i) = log sum_j exp(A(i, j) + e_{t+1}(j) + b_{t+1}(j))
//                  n_t = log sum_j exp(a_t(j) + b_t(j))   (every n_t is log Z; n_{T-1} is what is returned)
//                  p_t(j) = exp(a_t(j) + b_t(j) - n_t)
//                  p_t(i, j) = exp(a_{t-1}(i) + A(i, j) + e_t(j) + b_t(j) - n_t)
// Source:        Lafferty, McCallum, Pereira 2001; forward-backward of Rabiner 1989, section III.
// Reads:         emissions f32 [T][rowStride], transitions f32 [K][rowStride] as [from][to], start and end f32[K]
//                (pointer 0 = none), tags i32[T]. Columns K..rowStride-1 are not used.
// Writes:        marginals or dEmissions f32 [T][rowStride], columns below K; ADDS to dTransitions [K][rowStride], dStart
//                and dEnd f32[K] (not touched where start or end is none); scratch.
// Order:         a and b are kept in f64, offset included, so that the length of a sentence costs no precision. Each step takes its
//                maximum m first, then works on differences, in f32:
//                  log sum_i exp(x(i) + A(i, j)) = (m + log sum_i exp(x(i) - m) * exp(A(i, j) - c(j))) + c(j),  c(j) = max_i A(i, j)
//                with sums over the source tag ascending from +0: K + K*K products and K exps instead of K*K exps. Where such a sum
//                is below 2^-64 the terms that matter may have vanished (both factors tiny, their product not, relative to
//                the others), and that one element is summed again from its own maximum, ascending: exact for any scores.
//                p_t(i, j) is formed the same way and under the same rule (PAIR_LIMIT). n_t: maximum, then tags ascending.
//                Expected counts: one accumulator a pair, tokens ascending; then the gold counts, tokens
//                ascending; then one scaled addition to dTransitions. The choices depend on the sentence's data alone.
// Aliasing:      marginals or dEmissions may be emissions; otherwise none.
// Preconditions: finite scores, T >= 1, K >= 1, tags below K, rowStride >= K and a multiple of 4; scratch of
//                crfScratchBytes(T, K), 16-byte aligned.
// Twin:          the inner loops', crf-rows.scalar.ts.
import { expS } from "../math/exp";
import { logS } from "../math/log";
import { addPairs, addScaledRow, expRow, logRow, maxRow, rowProduct, subtractRow } from "./crf-rows";

/** Below this a sum of products has lost terms to underflow or to rounded exponents, and is taken again term by term. */
const SUM_LIMIT: f32 = 5.421010862427522e-20; // 2^-64

/** Pair marginals are products of three factors while exp(this) bounds how far the largest product lies below 1. */
const PAIR_LIMIT: f64 = 20;

/** Bytes of scratch that the crf kernels want for a sentence of T tokens and K tags. */
export function crfScratchBytes(T: i32, K: i32): usize {
  return logsAt(0, T, K) + (<usize>widthOf(K) << 2);
}

/** log Z of one sentence. */
export function crfLogPartition(
  emissionsPtr: usize,
  transitionsPtr: usize,
  startPtr: usize,
  endPtr: usize,
  T: i32,
  K: i32,
  rowStride: i32,
  scratchPtr: usize,
): f64 {
  prepareFactors(transitionsPtr, T, K, rowStride, scratchPtr);
  let now = forwardAt(scratchPtr, T, K);
  let before = now + (<usize>widthOf(K) << 3);
  firstForward(now, emissionsPtr, startPtr, K);
  for (let t = 1; t < T; t++) {
    const swap = before;
    before = now;
    now = swap;
    forwardStep(now, before, emissionsPtr + ((<usize>t * rowStride) << 2), transitionsPtr, T, K, rowStride, scratchPtr);
  }
  lastBackward(backwardAt(scratchPtr), endPtr, K);
  return normalise(sumsAt(scratchPtr, T, K), now, backwardAt(scratchPtr), K);
}

/** score(tags) in f64: start, then emission, transition, emission, ... of the tokens ascending, then end. */
export function crfGoldScore(
  emissionsPtr: usize,
  transitionsPtr: usize,
  startPtr: usize,
  endPtr: usize,
  tagsPtr: usize,
  T: i32,
  rowStride: i32,
): f64 {
  let tag = load<i32>(tagsPtr);
  let score: f64 = startPtr ? load<f32>(startPtr + (<usize>tag << 2)) : 0;
  score += <f64>load<f32>(emissionsPtr + (<usize>tag << 2));
  for (let t = 1; t < T; t++) {
    const next = load<i32>(tagsPtr + (<usize>t << 2));
    score += <f64>load<f32>(transitionsPtr + ((<usize>tag * rowStride + next) << 2));
    score += <f64>load<f32>(emissionsPtr + ((<usize>t * rowStride + next) << 2));
    tag = next;
  }
  return endPtr ? score + <f64>load<f32>(endPtr + (<usize>tag << 2)) : score;
}

/** Writes p_t(j) and returns log Z. */
export function crfMarginals(
  marginalPtr: usize,
  emissionsPtr: usize,
  transitionsPtr: usize,
  startPtr: usize,
  endPtr: usize,
  T: i32,
  K: i32,
  rowStride: i32,
  scratchPtr: usize,
): f64 {
  return forwardBackward(marginalPtr, 0, emissionsPtr, transitionsPtr, startPtr, endPtr, T, K, rowStride, scratchPtr);
}

/**
 * Returns log Z - score(tags), unscaled. Writes dEmissions = scale * (p_t(j) - [j = tag_t]) and adds
 * scale * (expected - gold count) to dTransitions, dStart and dEnd.
 */
export function crfLoss(
  dEmissionsPtr: usize,
  dTransitionsPtr: usize,
  dStartPtr: usize,
  dEndPtr: usize,
  emissionsPtr: usize,
  transitionsPtr: usize,
  startPtr: usize,
  endPtr: usize,
  tagsPtr: usize,
  T: i32,
  K: i32,
  rowStride: i32,
  scale: f32,
  scratchPtr: usize,
): f64 {
  const gold = crfGoldScore(emissionsPtr, transitionsPtr, startPtr, endPtr, tagsPtr, T, rowStride);
  const countsPtr = countsAt(scratchPtr, T, K);
  const width = widthOf(K);
  memory.fill(countsPtr, 0, (<usize>K * width) << 2);
  const logZ = forwardBackward(dEmissionsPtr, countsPtr, emissionsPtr, transitionsPtr, startPtr, endPtr, T, K, rowStride, scratchPtr);

  for (let t = 0; t < T; t++) {
    const tag = load<i32>(tagsPtr + (<usize>t << 2));
    for (let j = 0; j < K; j++) {
      const at = dEmissionsPtr + ((<usize>t * rowStride + j) << 2);
      const target: f32 = j == tag ? 1 : 0;
      store<f32>(at, (load<f32>(at) - target) * scale);
    }
    if (t > 0) {
      const before = load<i32>(tagsPtr + (<usize>(t - 1) << 2));
      const at = countsPtr + ((<usize>before * width + tag) << 2);
      store<f32>(at, load<f32>(at) - 1);
    }
  }
  for (let i = 0; i < K; i++) {
    addScaledRow(dTransitionsPtr + ((<usize>i * rowStride) << 2), countsPtr + ((<usize>i * width) << 2), scale, K);
  }
  // The first token's gradient is the start scores' too, the last one's the end scores'.
  if (startPtr) addScaledRow(dStartPtr, dEmissionsPtr, 1, K);
  if (endPtr) addScaledRow(dEndPtr, dEmissionsPtr + ((<usize>(T - 1) * rowStride) << 2), 1, K);
  return logZ - gold;
}

/** Backward over all tokens, then forward with the marginals and, where countsPtr is given, the pair marginals on the way. */
function forwardBackward(
  marginalPtr: usize,
  countsPtr: usize,
  emissionsPtr: usize,
  transitionsPtr: usize,
  startPtr: usize,
  endPtr: usize,
  T: i32,
  K: i32,
  rowStride: i32,
  scratchPtr: usize,
): f64 {
  prepareFactors(transitionsPtr, T, K, rowStride, scratchPtr);
  transposeFactors(T, K, scratchPtr);
  backwardPass(emissionsPtr, transitionsPtr, endPtr, T, K, rowStride, scratchPtr);

  const width = widthOf(K);
  const posteriorPtr = logsAt(scratchPtr, T, K);
  let now = forwardAt(scratchPtr, T, K);
  let before = now + (<usize>width << 3);
  let logZ: f64 = 0;
  for (let t = 0; t < T; t++) {
    const emissions = emissionsPtr + ((<usize>t * rowStride) << 2);
    const backward = backwardAt(scratchPtr) + ((<usize>t * width) << 3);
    let highest: f64 = 0;
    if (t == 0) {
      firstForward(now, emissions, startPtr, K);
    } else {
      const swap = before;
      before = now;
      now = swap;
      highest = forwardStep(now, before, emissions, transitionsPtr, T, K, rowStride, scratchPtr);
    }
    logZ = normalise(posteriorPtr, now, backward, K);
    if (countsPtr != 0 && t > 0) {
      const offset = highest + load<f64>(highestAt(scratchPtr, T, K) + (<usize>t << 3)) - logZ;
      if (offset <= PAIR_LIMIT) {
        const u = weightsAt(scratchPtr, T, K);
        const scale = expS(<f32>offset);
        for (let i = 0; i < K; i++) store<f32>(u + (<usize>i << 2), load<f32>(u + (<usize>i << 2)) * scale);
        addPairs(countsPtr, u, factorsAt(scratchPtr, T, K), futureAt(scratchPtr, T, K) + ((<usize>t * width) << 2), K, width);
      } else {
        addPairsExactly(countsPtr, before, transitionsPtr, emissions, backward, logZ, K, rowStride);
      }
    }
    memory.copy(marginalPtr + ((<usize>t * rowStride) << 2), posteriorPtr, <usize>K << 2);
  }
  return logZ;
}

/** a_0 = start + e_0. */
function firstForward(forwardPtr: usize, emissionsPtr: usize, startPtr: usize, K: i32): void {
  for (let j = 0; j < K; j++) {
    const start = startPtr ? <f64>load<f32>(startPtr + (<usize>j << 2)) : 0;
    store<f64>(forwardPtr + (<usize>j << 3), start + <f64>load<f32>(emissionsPtr + (<usize>j << 2)));
  }
}

/** a_t from a_{t-1}; leaves u(i) = exp(a_{t-1}(i) - m) in the weights row and returns m. */
function forwardStep(
  nextPtr: usize,
  forwardPtr: usize,
  emissionsPtr: usize,
  transitionsPtr: usize,
  T: i32,
  K: i32,
  rowStride: i32,
  scratchPtr: usize,
): f64 {
  const u = weightsAt(scratchPtr, T, K);
  const sums = sumsAt(scratchPtr, T, K);
  const logs = logsAt(scratchPtr, T, K);
  const columns = columnMaximaAt(scratchPtr, T, K);
  const highest = maximum(forwardPtr, K);
  for (let i = 0; i < K; i++) store<f32>(u + (<usize>i << 2), <f32>(load<f64>(forwardPtr + (<usize>i << 3)) - highest));
  expRow(u, K);
  rowProduct(sums, u, factorsAt(scratchPtr, T, K), K, widthOf(K));
  logRow(logs, sums, K);
  for (let j = 0; j < K; j++) {
    const word = <usize>j << 2;
    const sum =
      load<f32>(sums + word) < SUM_LIMIT
        ? logSumExp(forwardPtr, transitionsPtr + word, <usize>rowStride << 2, K)
        : highest + <f64>load<f32>(logs + word) + <f64>load<f32>(columns + word);
    store<f64>(nextPtr + (<usize>j << 3), sum + <f64>load<f32>(emissionsPtr + word));
  }
  return highest;
}

/** b_{T-1} = end. */
function lastBackward(backwardPtr: usize, endPtr: usize, K: i32): void {
  for (let j = 0; j < K; j++) store<f64>(backwardPtr + (<usize>j << 3), endPtr ? load<f32>(endPtr + (<usize>j << 2)) : 0);
}

/**
 * b_t for all t, descending. Keeps, for the pair marginals, v_t(j) = exp(e_t(j) + b_t(j) + c(j) - m_t) and m_t:
 * the factor exp(A(i, j) - c(j)) of the forward pass serves here too.
 */
function backwardPass(
  emissionsPtr: usize,
  transitionsPtr: usize,
  endPtr: usize,
  T: i32,
  K: i32,
  rowStride: i32,
  scratchPtr: usize,
): void {
  const width = widthOf(K);
  const columns = columnMaximaAt(scratchPtr, T, K);
  const sums = sumsAt(scratchPtr, T, K);
  const logs = logsAt(scratchPtr, T, K);
  const future = forwardAt(scratchPtr, T, K); // e_t(j) + b_t(j); the forward pass has not begun
  let backward = backwardAt(scratchPtr) + ((<usize>(T - 1) * width) << 3);
  lastBackward(backward, endPtr, K);
  for (let t = T - 1; t > 0; t--) {
    const emissions = emissionsPtr + ((<usize>t * rowStride) << 2);
    const v = futureAt(scratchPtr, T, K) + ((<usize>t * width) << 2);
    let highest: f64 = -Infinity;
    for (let j = 0; j < K; j++) {
      const x = <f64>load<f32>(emissions + (<usize>j << 2)) + load<f64>(backward + (<usize>j << 3));
      store<f64>(future + (<usize>j << 3), x);
      const y = x + <f64>load<f32>(columns + (<usize>j << 2));
      if (y > highest) highest = y;
    }
    for (let j = 0; j < K; j++) {
      const y = load<f64>(future + (<usize>j << 3)) + <f64>load<f32>(columns + (<usize>j << 2));
      store<f32>(v + (<usize>j << 2), <f32>(y - highest));
    }
    expRow(v, K);
    store<f64>(highestAt(scratchPtr, T, K) + (<usize>t << 3), highest);
    rowProduct(sums, v, transposedAt(scratchPtr, T, K), K, width);
    logRow(logs, sums, K);
    backward -= <usize>width << 3;
    for (let i = 0; i < K; i++) {
      const word = <usize>i << 2;
      const sum =
        load<f32>(sums + word) < SUM_LIMIT
          ? logSumExp(future, transitionsPtr + ((<usize>i * rowStride) << 2), 4, K)
          : highest + <f64>load<f32>(logs + word);
      store<f64>(backward + (<usize>i << 3), sum);
    }
  }
}

/** c(j) = max_i A(i, j) and the factors exp(A(i, j) - c(j)). */
function prepareFactors(transitionsPtr: usize, T: i32, K: i32, rowStride: i32, scratchPtr: usize): void {
  const columns = columnMaximaAt(scratchPtr, T, K);
  memory.copy(columns, transitionsPtr, <usize>K << 2);
  for (let i = 1; i < K; i++) maxRow(columns, transitionsPtr + ((<usize>i * rowStride) << 2), K);
  let factors = factorsAt(scratchPtr, T, K);
  for (let i = 0; i < K; i++) {
    subtractRow(factors, transitionsPtr + ((<usize>i * rowStride) << 2), columns, K);
    expRow(factors, K);
    factors += <usize>widthOf(K) << 2;
  }
}

/** The factors with the destination in the rows, for the backward pass. */
function transposeFactors(T: i32, K: i32, scratchPtr: usize): void {
  const row = <usize>widthOf(K) << 2;
  const factors = factorsAt(scratchPtr, T, K);
  const transposed = transposedAt(scratchPtr, T, K);
  for (let i = 0; i < K; i++) {
    let to = transposed + (<usize>i << 2);
    for (let from = factors + <usize>i * row, end = from + (<usize>K << 2); from < end; from += 4, to += row) {
      store<f32>(to, load<f32>(from));
    }
  }
}

/** Writes exp(a(j) + b(j) - n) and returns n = log sum_j exp(a(j) + b(j)): maximum, then tags ascending. */
function normalise(outPtr: usize, forwardPtr: usize, backwardPtr: usize, K: i32): f64 {
  let highest: f64 = -Infinity;
  for (let j = 0; j < K; j++) {
    const x = load<f64>(forwardPtr + (<usize>j << 3)) + load<f64>(backwardPtr + (<usize>j << 3));
    if (x > highest) highest = x;
  }
  for (let j = 0; j < K; j++) {
    const x = load<f64>(forwardPtr + (<usize>j << 3)) + load<f64>(backwardPtr + (<usize>j << 3));
    store<f32>(outPtr + (<usize>j << 2), <f32>(x - highest));
  }
  expRow(outPtr, K);
  let sum: f32 = 0;
  for (let j = 0; j < K; j++) sum += load<f32>(outPtr + (<usize>j << 2));
  for (let j = 0; j < K; j++) store<f32>(outPtr + (<usize>j << 2), load<f32>(outPtr + (<usize>j << 2)) / sum);
  return highest + <f64>logS(sum);
}

/** log sum_i exp(x[i] + score[i]) from its own maximum, i ascending. */
function logSumExp(xPtr: usize, scorePtr: usize, scoreStep: usize, K: i32): f64 {
  let highest: f64 = -Infinity;
  for (let i = 0; i < K; i++) {
    const x = load<f64>(xPtr + (<usize>i << 3)) + <f64>load<f32>(scorePtr + <usize>i * scoreStep);
    if (x > highest) highest = x;
  }
  let sum: f32 = 0;
  for (let i = 0; i < K; i++) {
    const x = load<f64>(xPtr + (<usize>i << 3)) + <f64>load<f32>(scorePtr + <usize>i * scoreStep);
    sum += expS(<f32>(x - highest));
  }
  return highest + <f64>logS(sum);
}

/** counts[i][j] += exp(((a_{t-1}(i) + A(i, j)) + (e_t(j) + b_t(j))) - n_t). */
function addPairsExactly(
  countsPtr: usize,
  forwardPtr: usize,
  transitionsPtr: usize,
  emissionsPtr: usize,
  backwardPtr: usize,
  logZ: f64,
  K: i32,
  rowStride: i32,
): void {
  const width = widthOf(K);
  for (let i = 0; i < K; i++) {
    const a = load<f64>(forwardPtr + (<usize>i << 3));
    for (let j = 0; j < K; j++) {
      const future = <f64>load<f32>(emissionsPtr + (<usize>j << 2)) + load<f64>(backwardPtr + (<usize>j << 3));
      const x = a + <f64>load<f32>(transitionsPtr + ((<usize>i * rowStride + j) << 2)) + future;
      const at = countsPtr + ((<usize>i * width + j) << 2);
      store<f32>(at, load<f32>(at) + expS(<f32>(x - logZ)));
    }
  }
}

function maximum(rowPtr: usize, K: i32): f64 {
  let highest = load<f64>(rowPtr);
  for (let i = 1; i < K; i++) {
    const x = load<f64>(rowPtr + (<usize>i << 3));
    if (x > highest) highest = x;
  }
  return highest;
}

// Scratch, W = K rounded up to 4:
//   f64  backward [T][W] · highest [T, rounded up to even] · forward [2][W]
//   f32  future [T][W] · factors [K][W] · transposed [K][W] · counts [K][W] · column maxima [W] · weights [W] · sums [W] · logs [W]

@inline
function widthOf(K: i32): i32 {
  return (K + 3) & ~3;
}

@inline
function backwardAt(scratchPtr: usize): usize {
  return scratchPtr;
}

@inline
function highestAt(scratchPtr: usize, T: i32, K: i32): usize {
  return scratchPtr + ((<usize>T * widthOf(K)) << 3);
}

@inline
function forwardAt(scratchPtr: usize, T: i32, K: i32): usize {
  return highestAt(scratchPtr, T, K) + (<usize>((T + 1) & ~1) << 3);
}

@inline
function futureAt(scratchPtr: usize, T: i32, K: i32): usize {
  return forwardAt(scratchPtr, T, K) + (<usize>widthOf(K) << 4);
}

@inline
function factorsAt(scratchPtr: usize, T: i32, K: i32): usize {
  return futureAt(scratchPtr, T, K) + ((<usize>T * widthOf(K)) << 2);
}

@inline
function transposedAt(scratchPtr: usize, T: i32, K: i32): usize {
  return factorsAt(scratchPtr, T, K) + ((<usize>K * widthOf(K)) << 2);
}

@inline
function countsAt(scratchPtr: usize, T: i32, K: i32): usize {
  return transposedAt(scratchPtr, T, K) + ((<usize>K * widthOf(K)) << 2);
}

@inline
function columnMaximaAt(scratchPtr: usize, T: i32, K: i32): usize {
  return countsAt(scratchPtr, T, K) + ((<usize>K * widthOf(K)) << 2);
}

@inline
function weightsAt(scratchPtr: usize, T: i32, K: i32): usize {
  return columnMaximaAt(scratchPtr, T, K) + (<usize>widthOf(K) << 2);
}

@inline
function sumsAt(scratchPtr: usize, T: i32, K: i32): usize {
  return weightsAt(scratchPtr, T, K) + (<usize>widthOf(K) << 2);
}

@inline
function logsAt(scratchPtr: usize, T: i32, K: i32): usize {
  return sumsAt(scratchPtr, T, K) + (<usize>widthOf(K) << 2);
}
