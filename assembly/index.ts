// The ABI of the `simd` and `threads` builds: one line a kernel file, grouped as in assembly/README.md.
// index.scalar.ts lists the same names from the scalar twins; test/kernels/registry.test.ts holds the two equal.
export { heapBase } from "./common/layout";
export { charWindows, charWindowsBackward, reluMaxPool, reluMaxPoolBackward } from "./kernels/char-cnn";
export { crfGoldScore, crfLogPartition, crfLoss, crfMarginals, crfScratchBytes } from "./kernels/crf";
export { csrGatherColumns, csrGatherRows, csrIndexColumns, csrIndexRows } from "./kernels/csr";
export { gatherRows, scatterRows } from "./kernels/gather-rows";
export { biasGradient, gemm, gemmWeightGradient, packColumns, packRows } from "./kernels/gemm";
export { maskApply } from "./kernels/mask";
export { maskCount, maskCountIntersection, maskCountUnion, maskIntersect, maskUnite } from "./kernels/mask-sets";
export { embeddingGather, embeddingScatter, gatherPositions, scatterPositions } from "./kernels/positions";
export { pruneByMagnitude, pruneScratchBytes } from "./kernels/prune";
export { argmax, softmax, softmaxCrossEntropy } from "./kernels/softmax";
export { sliceGather, sliceRows } from "./kernels/slices";
export { packTiles, spmm, spmmWeightGradient } from "./kernels/spmm";
export { crfViterbi } from "./kernels/viterbi";
export { adam, adamRows } from "./kernels/adam";
export { dropout } from "./kernels/dropout";
export { lstmBackward, lstmForward } from "./kernels/lstm";
export { lstmForwardSentence } from "./kernels/lstm-sentence";
export { fillNormal, fillUniform, philox4x32, randomWords } from "./kernels/random";
export { sumOfSquares, sumOfSquaresBlocks, sumOfSquaresRows } from "./kernels/reduce";
export { firstNonFinite, sumGathered } from "./kernels/scan";
export { sgdMomentum, sgdMomentumRows, sgdReplayRow, sgdReplayRows } from "./kernels/sgd";
export { mapExp, mapLog, mapLog1p, mapSigmoid, mapTanh } from "./kernels/elementwise";
