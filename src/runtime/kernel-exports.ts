// The typed ABI: what the kernel modules export (assembly/index.ts). Pointers are byte addresses, sizes are elements.

export interface KernelExports {
  heapBase(): number;

  // Dense products (kernels/gemm): activations [feature][position], panels [row / 4][k][row % 4].
  /** Panels of W[rows][columns] under its mask (0 = all kept), whole panels: 4 * ceil(rows / 4) * columns elements. */
  packRows(panelPtr: number, wPtr: number, maskPtr: number, rows: number, columns: number): void;
  /** Panels of the transpose of W[rows][columns]: 4 * ceil(columns / 4) * rows elements. */
  packColumns(panelPtr: number, wPtr: number, maskPtr: number, rows: number, columns: number): void;
  /** Y[r][p] (+)= sum_k A[r][k] X[k][p] (+ bias[r]); rowBegin a multiple of 4, biasPtr 0 = none. */
  gemm(
    yPtr: number,
    yStride: number,
    panelPtr: number,
    xPtr: number,
    xStride: number,
    depth: number,
    positions: number,
    biasPtr: number,
    accumulate: number,
    rowBegin: number,
    rowEnd: number,
  ): void;
  /** dW[r][c] = sum_p dY[r][p] X[c][p], overwritten. */
  gemmWeightGradient(
    dwPtr: number,
    dyPtr: number,
    dyStride: number,
    xPtr: number,
    xStride: number,
    columns: number,
    positions: number,
    rowBegin: number,
    rowEnd: number,
  ): void;
  /** db[r] = sum_p dY[r][p], overwritten. */
  biasGradient(dbPtr: number, dyPtr: number, dyStride: number, positions: number, rowBegin: number, rowEnd: number): void;

  // Softmax layer (kernels/softmax): emissions [tag][position], positions and stride multiples of 4.
  /** loss[p] = -log p(gold), dE[k][p] = (p(k) - [k = gold]) * scale; tag -1 = padding: +0 in both. dE may be emissions. */
  softmaxCrossEntropy(
    dEmissionsPtr: number,
    lossPtr: number,
    emissionsPtr: number,
    stride: number,
    tagsPtr: number,
    K: number,
    positions: number,
    scale: number,
  ): void;
  /** Probabilities of the K tags of every position; may be in place. */
  softmax(probabilityPtr: number, emissionsPtr: number, stride: number, K: number, positions: number): void;
  /** out[p] (i32) = the best tag, the lowest of equals. */
  argmax(outPtr: number, emissionsPtr: number, stride: number, K: number, positions: number): void;

  // Linear-chain CRF of one sentence (kernels/crf, kernels/viterbi): emissions [T][rowStride], transitions [from][to] of
  // the same row stride, start and end [K] (pointer 0 = none); columns from K on are neither read nor written.
  /** Bytes of scratch (16-byte aligned) for every crf kernel below. */
  crfScratchBytes(T: number, K: number): number;
  /** Returns log Z - score(tags); writes dEmissions (may be emissions), adds to the other gradients; all times `scale`. */
  crfLoss(
    dEmissionsPtr: number,
    dTransitionsPtr: number,
    dStartPtr: number,
    dEndPtr: number,
    emissionsPtr: number,
    transitionsPtr: number,
    startPtr: number,
    endPtr: number,
    tagsPtr: number,
    T: number,
    K: number,
    rowStride: number,
    scale: number,
    scratchPtr: number,
  ): number;
  /** Returns log Z; writes p_t(j) as rows [T][rowStride] (may be emissions). */
  crfMarginals(
    marginalPtr: number,
    emissionsPtr: number,
    transitionsPtr: number,
    startPtr: number,
    endPtr: number,
    T: number,
    K: number,
    rowStride: number,
    scratchPtr: number,
  ): number;
  /** Returns log Z. */
  crfLogPartition(
    emissionsPtr: number,
    transitionsPtr: number,
    startPtr: number,
    endPtr: number,
    T: number,
    K: number,
    rowStride: number,
    scratchPtr: number,
  ): number;
  /** Returns the unnormalised score of a tag sequence. */
  crfGoldScore(
    emissionsPtr: number,
    transitionsPtr: number,
    startPtr: number,
    endPtr: number,
    tagsPtr: number,
    T: number,
    rowStride: number,
  ): number;
  /** Writes the best path, i32[T], and returns its score; ties to the lower tag, from the last token back. */
  crfViterbi(
    pathPtr: number,
    emissionsPtr: number,
    transitionsPtr: number,
    startPtr: number,
    endPtr: number,
    T: number,
    K: number,
    rowStride: number,
    scratchPtr: number,
  ): number;

  // Sentences out of a batch and back (kernels/gather-rows).
  /** rows[i][f] = x[f][position[i]], i < n, f < features; padding columns stay. */
  gatherRows(rowsPtr: number, rowStride: number, xPtr: number, stride: number, features: number, positionsPtr: number, n: number): void;
  /** x[f][position[i]] = rows[i][f]; other positions stay. */
  scatterRows(xPtr: number, stride: number, rowsPtr: number, rowStride: number, features: number, positionsPtr: number, n: number): void;
  // Sparse products (kernels/csr, kernels/spmm): entries of row r are start[r] .. start[r + 1] - 1, all u32.
  /** Kept entries of W by row; start has rows + 1 entries, index holds 16 times the columns. Returns how many are kept. */
  csrIndexRows(startPtr: number, indexPtr: number, maskPtr: number, rows: number, columns: number): number;
  /** Kept entries of W by column (the CSR of the transpose); index holds 16 times the rows of W. */
  csrIndexColumns(startPtr: number, indexPtr: number, maskPtr: number, rows: number, columns: number): number;
  /** value[i] = W[r][index[i] / 16]. */
  csrGatherRows(valuePtr: number, wPtr: number, startPtr: number, indexPtr: number, rows: number, columns: number): void;
  /** value[i] = W[index[i] / 16][c] in `count` columns of W from the one at wPtr, whose entries begin at startPtr. */
  csrGatherColumns(valuePtr: number, wPtr: number, startPtr: number, indexPtr: number, columns: number, count: number): void;
  /** Slices of W (kernels/slices): four rows in lanes, u32[rows / 4 + 1 + 2 rows] and u16[places][4]. Returns the places. */
  sliceRows(slicesPtr: number, offsetPtr: number, maskPtr: number, rows: number, columns: number): number;
  /** value f32[places][4] of the slices. */
  sliceGather(valuePtr: number, wPtr: number, slicesPtr: number, offsetPtr: number, rows: number, columns: number): void;
  /** Copies tiles of 16 positions of X, tileBegin .. tileEnd - 1, to their places in tiles[position / 16][feature][position % 16]. */
  packTiles(tilesPtr: number, xPtr: number, xStride: number, features: number, positions: number, tileBegin: number, tileEnd: number): void;
  /** Y[r][p] (+)= sum_i value[i] X[index[i] / 16][p] (+ bias[r]), X as tiles; the bits of gemm on the masked matrix. */
  spmm(
    yPtr: number,
    yStride: number,
    startPtr: number,
    indexPtr: number,
    valuePtr: number,
    tilesPtr: number,
    features: number,
    positions: number,
    biasPtr: number,
    accumulate: number,
    rowBegin: number,
    rowEnd: number,
  ): void;
  /** dW[r][c] = sum_p dY[r][p] X[c][p] at kept entries; the rest of dW is left alone. */
  spmmWeightGradient(
    dwPtr: number,
    dyPtr: number,
    dyStride: number,
    xPtr: number,
    xStride: number,
    startPtr: number,
    indexPtr: number,
    columns: number,
    positions: number,
    rowBegin: number,
    rowEnd: number,
  ): void;

  // Masks (kernels/mask, kernels/mask-sets, kernels/prune): bit e = word e >> 5, bit e & 31; 1 = kept.
  /** +0 at every pruned element. */
  maskApply(wPtr: number, maskPtr: number, n: number): void;
  maskCount(maskPtr: number, words: number): number;
  maskIntersect(outPtr: number, aPtr: number, bPtr: number, words: number): void;
  maskUnite(outPtr: number, aPtr: number, bPtr: number, words: number): void;
  maskCountIntersection(aPtr: number, bPtr: number, words: number): number;
  maskCountUnion(aPtr: number, bPtr: number, words: number): number;
  /** Keeps exactly `keep` (<= kept now) weights of largest magnitude, ties to the lower index; out may be mask. Returns how many. */
  pruneByMagnitude(outMaskPtr: number, weightPtr: number, maskPtr: number, n: number, keep: number, scratchPtr: number): number;
  pruneScratchBytes(): number;

  // Moves between position sets (kernels/positions); index lists u32 unless said otherwise.
  /** x[f][p] = table[rows[p]][f]; rows i32, negative: +0. */
  embeddingGather(xPtr: number, stride: number, tablePtr: number, dimension: number, rowsPtr: number, positions: number): void;
  /** dRows[u][f] = sum of dx[f][p] over list u, in its order. */
  embeddingScatter(
    dRowsPtr: number,
    dimension: number,
    dxPtr: number,
    stride: number,
    startPtr: number,
    listPtr: number,
    rows: number,
  ): void;
  /** y[f][p] = x[f][index[p]]; index i32, negative: +0. */
  gatherPositions(
    yPtr: number,
    yStride: number,
    xPtr: number,
    xStride: number,
    features: number,
    indexPtr: number,
    positions: number,
  ): void;
  /** dx[f][u] = sum of dy[f][p] over list u, in its order; columns outputs .. padded: +0. */
  scatterPositions(
    dxPtr: number,
    xStride: number,
    dyPtr: number,
    yStride: number,
    features: number,
    startPtr: number,
    listPtr: number,
    outputs: number,
    padded: number,
  ): void;

  // Character CNN (kernels/char-cnn): word w owns the characters start[w] .. start[w + 1).
  /** window[c * width + k][q] = e[c][q + k - (width - 1) / 2] inside the word, else +0. */
  charWindows(
    windowPtr: number,
    ePtr: number,
    stride: number,
    dimension: number,
    width: number,
    startPtr: number,
    words: number,
    padded: number,
  ): void;
  /** dE[c][q]: the windows' gradients of a character, offsets ascending. */
  charWindowsBackward(
    dePtr: number,
    dWindowPtr: number,
    stride: number,
    dimension: number,
    width: number,
    startPtr: number,
    words: number,
    padded: number,
  ): void;
  /** pooled[f][w] = max(0, max over the word); argument i32: the first maximum, -1 where none is above 0. */
  reluMaxPool(
    pooledPtr: number,
    argumentPtr: number,
    pooledStride: number,
    xPtr: number,
    stride: number,
    filters: number,
    startPtr: number,
    words: number,
    padded: number,
  ): void;
  /** dx: dPooled at the arguments, +0 elsewhere. */
  reluMaxPoolBackward(
    dxPtr: number,
    stride: number,
    padded: number,
    dPooledPtr: number,
    argumentPtr: number,
    pooledStride: number,
    filters: number,
    words: number,
  ): void;

  // One direction of an LSTM layer (kernels/lstm) for a range of lanes: gates in order i, f, g, o; weights as a dense
  // panel (index 0) or CSR, with scratch for H (backward 4H) features of the range's lanes as tiles.
  lstmForward(
    gatesPtr: number,
    yPtr: number,
    hPrevPtr: number,
    cPtr: number,
    tanhCPtr: number,
    biasPtr: number,
    weightPtr: number,
    indexPtr: number,
    valuePtr: number,
    hidden: number,
    stride: number,
    steps: number,
    basePtr: number,
    validPtr: number,
    reverse: number,
    tilesPtr: number,
    laneBegin: number,
    laneEnd: number,
  ): void;
  /** gates in, dz out; weights of the transpose. */
  lstmBackward(
    gatesPtr: number,
    dyPtr: number,
    cPtr: number,
    tanhCPtr: number,
    statePtr: number,
    weightPtr: number,
    indexPtr: number,
    valuePtr: number,
    hidden: number,
    stride: number,
    steps: number,
    basePtr: number,
    validPtr: number,
    reverse: number,
    tilesPtr: number,
    laneBegin: number,
    laneEnd: number,
  ): void;

  /** lstmForward of one sentence, position = time (kernels/lstm-sentence): a dense panel (offset 0) or slices; scratch 21 * hidden. */
  lstmForwardSentence(
    yPtr: number,
    gatesPtr: number,
    biasPtr: number,
    weightPtr: number,
    offsetPtr: number,
    valuePtr: number,
    hidden: number,
    stride: number,
    steps: number,
    reverse: number,
    scratchPtr: number,
  ): void;

  // Counter-based random numbers (kernels/random), Philox4x32-10.
  philox4x32(outPtr: number, key0: number, key1: number, c0: number, c1: number, c2: number, c3: number): void;
  /** u32[n]: the words of the blocks with counters (0, c1, c2, c3), (1, c1, c2, c3), ... */
  randomWords(outPtr: number, n: number, key0: number, key1: number, c1: number, c2: number, c3: number): void;
  fillUniform(ptr: number, n: number, low: number, high: number, key0: number, key1: number, stream: number): void;
  fillNormal(ptr: number, n: number, deviation: number, key0: number, key1: number, stream: number): void;
  /** y = kept ? x / (1 - p) : +0, keyed by two words a position (kernels/dropout); forward and backward. */
  dropout(
    yPtr: number,
    xPtr: number,
    stride: number,
    features: number,
    positions: number,
    firstPtr: number,
    secondPtr: number,
    key0: number,
    key1: number,
    stream: number,
    step: number,
    dropProbability: number,
  ): void;

  // Sums and searches (kernels/reduce, kernels/scan).
  /** f64 sum of squares of the kept entries, in blocks of 256. */
  sumOfSquares(ptr: number, maskPtr: number, n: number): number;
  /** out f64[block] = the sum of squares of each block of 256, blockBegin .. blockEnd - 1; added ascending from 0 they are sumOfSquares. */
  sumOfSquaresBlocks(outPtr: number, ptr: number, maskPtr: number, n: number, blockBegin: number, blockEnd: number): void;
  /** sum + sumOfSquares of each row of ptr[rows][n], rows ascending. */
  sumOfSquaresRows(ptr: number, n: number, rows: number, sum: number): number;
  /** f64 sum of ptr[index[i]], i ascending. */
  sumGathered(ptr: number, indexPtr: number, n: number): number;
  /** Index of the first Inf or NaN, -1 = none. */
  firstNonFinite(ptr: number, n: number): number;

  // Optimisers (kernels/sgd, kernels/adam): one step on n elements under a mask (0 = all kept).
  sgdMomentum(
    wPtr: number,
    vPtr: number,
    gPtr: number,
    maskPtr: number,
    n: number,
    rate: number,
    momentum: number,
    gradientScale: number,
    clipValue: number,
    coasting: number,
  ): void;
  /** Steps first .. last - 1 with zero gradient, at rates[s]. */
  sgdReplayRow(wPtr: number, vPtr: number, n: number, ratesPtr: number, first: number, last: number, momentum: number): void;
  /** The steps up to step - 1 that rows[begin .. end) of a table have missed (negative = skip; rowsPtr 0 = row i); rowSteps i32. */
  sgdReplayRows(
    wPtr: number,
    vPtr: number,
    n: number,
    rowsPtr: number,
    begin: number,
    end: number,
    rowStepsPtr: number,
    ratesPtr: number,
    step: number,
    momentum: number,
  ): void;
  /** sgdReplayRows, then step `step` of rows[i] with row i of g. */
  sgdMomentumRows(
    wPtr: number,
    vPtr: number,
    gPtr: number,
    n: number,
    rowsPtr: number,
    begin: number,
    end: number,
    rowStepsPtr: number,
    ratesPtr: number,
    step: number,
    momentum: number,
    gradientScale: number,
    clipValue: number,
  ): void;
  adam(
    wPtr: number,
    mPtr: number,
    vPtr: number,
    gPtr: number,
    maskPtr: number,
    n: number,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    correction1: number,
    correction2: number,
    gradientScale: number,
    clipValue: number,
  ): void;
  /** adam for rows[i], i from begin to end - 1, with row i of g. */
  adamRows(
    wPtr: number,
    mPtr: number,
    vPtr: number,
    gPtr: number,
    n: number,
    rowsPtr: number,
    begin: number,
    end: number,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    correction1: number,
    correction2: number,
    gradientScale: number,
    clipValue: number,
  ): void;

  // Functions of assembly/math in bulk (kernels/elementwise): y[i] = f(x[i]); y may be x; n any.
  mapExp(yPtr: number, xPtr: number, n: number): void;
  mapTanh(yPtr: number, xPtr: number, n: number): void;
  mapSigmoid(yPtr: number, xPtr: number, n: number): void;
  mapLog1p(yPtr: number, xPtr: number, n: number): void;
  mapLog(yPtr: number, xPtr: number, n: number): void;
}
