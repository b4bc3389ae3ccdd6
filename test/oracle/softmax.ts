// Softmax and cross-entropy in f64 over plain arrays: what the kernels are measured against.

/** log sum_k exp(x_k), from the maximum. */
export function logSumExp(x: readonly number[]): number {
  const highest = Math.max(...x);
  if (highest === Number.NEGATIVE_INFINITY) return highest;
  return highest + Math.log(x.reduce((sum, value) => sum + Math.exp(value - highest), 0));
}

/** exp(x_k) / sum_k exp(x_k). */
export function softmax(x: readonly number[]): number[] {
  const n = logSumExp(x);
  return x.map((value) => Math.exp(value - n));
}

/** -log softmax(x)[gold] and its gradient with respect to x. */
export function crossEntropy(x: readonly number[], gold: number): { loss: number; gradient: number[] } {
  return {
    loss: logSumExp(x) - x[gold]!,
    gradient: softmax(x).map((p, k) => p - (k === gold ? 1 : 0)),
  };
}

/** The lowest index of the greatest value. */
export function argmax(x: readonly number[]): number {
  return x.indexOf(Math.max(...x));
}
