import type { Arena } from '../runtime/arena.js';
import type { KernelExports } from '../runtime/kernel-exports.js';
import { PANEL_ROWS, roundUp } from '../runtime/layout.js';

/** One operand of a product: address of feature 0, position 0 and the elements between features. */
export interface Activations {
  readonly pointer: number;
  readonly stride: number;
}

/** What the recurrent kernels take: a dense panel (`index` 0) or CSR start, index and value. */
export interface WeightOperand {
  readonly weight: number;
  readonly index: number;
  readonly value: number;
}

/**
 * A weight matrix W [rows][columns] of the parameter plane, ready for products. `prepare` repacks it (masked entries as
 * +0) after the weights or the mask have changed; products then read only the packed form.
 */
export class Matrix {
  readonly #panel: number;
  readonly #transposed: number;

  constructor(
    private readonly kernels: KernelExports,
    arena: Arena,
    name: string,
    readonly rows: number,
    readonly columns: number,
    /** Address of W in the plane of parameters. */
    private readonly weights: number,
    /** Address of dW in the plane of gradients, 0 when the network is for tagging only. */
    private readonly gradients: number,
  ) {
    this.#panel = arena.allocateWords(`${name} panel`, roundUp(rows, PANEL_ROWS) * columns);
    this.#transposed = gradients ? arena.allocateWords(`${name} transposed panel`, roundUp(columns, PANEL_ROWS) * rows) : 0;
  }

  /** @param mask address of this matrix's first mask bit, 0 = all kept */
  prepare(mask: number, backward: boolean): void {
    this.kernels.packRows(this.#panel, this.weights, mask, this.rows, this.columns);
    if (backward) this.kernels.packColumns(this.#transposed, this.weights, mask, this.rows, this.columns);
  }

  get operand(): WeightOperand {
    return { weight: this.#panel, index: 0, value: 0 };
  }

  get transposedOperand(): WeightOperand {
    return { weight: this.#transposed, index: 0, value: 0 };
  }

  /** y = W x (+ bias); features ascending, the bias last. */
  multiply(y: Activations, x: Activations, positions: number, bias: number): void {
    this.kernels.gemm(y.pointer, y.stride, this.#panel, x.pointer, x.stride, this.columns, positions, bias, 0, 0, this.rows);
  }

  /** dx = W' dy, or dx = dx + W' dy; rows ascending. */
  multiplyTransposed(dx: Activations, dy: Activations, positions: number, accumulate: boolean): void {
    this.kernels.gemm(
      dx.pointer,
      dx.stride,
      this.#transposed,
      dy.pointer,
      dy.stride,
      this.rows,
      positions,
      0,
      accumulate ? 1 : 0,
      0,
      this.columns,
    );
  }

  /** dW = dy x' over positions. */
  weightGradient(dy: Activations, x: Activations, positions: number): void {
    this.kernels.gemmWeightGradient(this.gradients, dy.pointer, dy.stride, x.pointer, x.stride, this.columns, positions, 0, this.rows);
  }
}
