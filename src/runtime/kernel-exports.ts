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
}
