// The ABI of the `scalar` build: the plain twin of every kernel of index.ts, same names, same bits.
export { heapBase } from "./common/layout";
export { charWindows, charWindowsBackward, reluMaxPool, reluMaxPoolBackward } from "./kernels/char-cnn";
export { crfGoldScore, crfLogPartition, crfLoss, crfMarginals, crfScratchBytes } from "./kernels/crf";
export { csrGather, csrGatherRows, csrIndexColumns, csrIndexRows } from "./kernels/csr";
export { gatherRows, scatterRows } from "./kernels/gather-rows";
export { biasGradient, gemm, gemmWeightGradient, packColumns, packRows } from "./kernels/gemm.scalar";
export { maskApply } from "./kernels/mask.scalar";
export { maskCount, maskCountIntersection, maskCountUnion, maskIntersect, maskUnite } from "./kernels/mask-sets";
export { embeddingGather, embeddingScatter, gatherPositions, scatterPositions } from "./kernels/positions";
export { pruneByMagnitude, pruneScratchBytes } from "./kernels/prune";
export { argmax, softmax, softmaxCrossEntropy } from "./kernels/softmax.scalar";
export { spmm, spmmWeightGradient } from "./kernels/spmm.scalar";
export { crfViterbi } from "./kernels/viterbi";
