import type { Runtime } from '../runtime/runtime.js';
import type { Matrix } from './matrix.js';
import { indexedDensity, MatrixIndex } from './matrix-index.js';

/** A prunable matrix and the element of the plane at which it begins. */
export interface IndexedMatrix {
  readonly name: string;
  readonly offset: number;
  readonly matrix: Matrix;
}

/** Where the weights lie that one mask keeps, for each prunable matrix that is sparse enough under it. */
export class MaskIndex {
  readonly #matrices: readonly { readonly name: string; readonly offset: number; readonly index: MatrixIndex }[];
  #sparse: ReadonlyMap<string, MatrixIndex> = new Map();

  /** Takes its memory; nothing is indexed yet. */
  constructor(runtime: Runtime, mask: string, matrices: readonly IndexedMatrix[], training: boolean) {
    this.#matrices = matrices.map(({ name, offset, matrix }) => {
      const capacity = Math.ceil(indexedDensity(runtime) * matrix.rows * matrix.columns);
      return { name, offset, index: new MatrixIndex(runtime, `${mask} ${name}`, matrix, capacity, training) };
    });
  }

  /** @param mask address of the bits of the prunable plane */
  build(mask: number): void {
    const sparse = this.#matrices.filter(({ offset, index }) => index.build(mask + offset / 8));
    this.#sparse = new Map(sparse.map(({ name, index }) => [name, index]));
  }

  /** The index of a matrix; null where its dense form is faster. */
  of(name: string): MatrixIndex | null {
    return this.#sparse.get(name) ?? null;
  }
}
