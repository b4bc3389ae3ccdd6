import { LANES, MASK_BITS } from '../runtime/layout.js';
import type { Runtime } from '../runtime/runtime.js';

/** Entries of a matrix by row: those of row r are `start[r] .. start[r + 1]` of `index` (u32, 16 times the column, ascending). */
export interface CompressedRows {
  readonly start: number;
  readonly index: number;
}

/**
 * Density up to which products skip pruned weights, where the lines of `npm run bench:scaling -- --only density` cross. Above
 * it dense kernels on the masked panels are faster: they do more products, but half as many again a second.
 */
const SPARSE_DENSITY = 0.7;

/**
 * Density up to which the slices of a recurrent matrix are faster than its panel, for one sentence alone: the same kind
 * of crossover. Gathering what a slice multiplies costs more than reading a few pruned weights.
 */
const SLICED_DENSITY = 0.24;

/** The share of a matrix's weights that an index has room for: what is denser runs on dense kernels. */
export function indexedDensity({ info }: Runtime): number {
  return info.kernels === 'sparse' ? 1 : SPARSE_DENSITY;
}

/** Slices of a recurrent matrix (assembly/kernels/slices.ts) and the offsets of their entries, in `places` groups of four. */
export interface Slices {
  readonly slices: number;
  readonly offset: number;
}

/** The share of a recurrent matrix's weights that slices have room for. */
function slicedDensity({ info }: Runtime): number {
  return info.kernels === 'sparse' ? 1 : SLICED_DENSITY;
}

/** Places of slices that hold at most `entries` entries. */
export function placesFor(entries: number, columns: number): number {
  return Math.floor(entries / LANES) + columns;
}

/** Where the kept weights of one matrix lie under one mask: integers, made once a mask. */
export class MatrixIndex {
  readonly rows: CompressedRows;
  /** Rows of the transpose, for input gradients; null in a network for tagging only. */
  readonly columns: CompressedRows | null;
  readonly #slices: Slices | null;
  readonly #slicedCapacity: number;
  #count = 0;

  /** @param capacity most entries that it can hold */
  constructor(
    private readonly runtime: Runtime,
    name: string,
    private readonly shape: { readonly rows: number; readonly columns: number; readonly isRecurrent: boolean },
    private readonly capacity: number,
    training: boolean,
  ) {
    const take = (part: string, count: number): number => runtime.arena.allocateWords(`${name} ${part}`, count);
    this.rows = { start: take('row start', shape.rows + 1), index: take('row index', capacity) };
    this.columns = training ? { start: take('column start', shape.columns + 1), index: take('column index', capacity) } : null;
    this.#slicedCapacity = shape.isRecurrent ? Math.ceil(slicedDensity(runtime) * shape.rows * shape.columns) : 0;
    this.#slices =
      this.#slicedCapacity > 0
        ? {
            slices: take('slices', shape.rows / LANES + 1 + 2 * shape.rows),
            offset: take('slice offsets', 2 * placesFor(this.#slicedCapacity, shape.columns)),
          }
        : null;
  }

  /** For products with one vector; null where the matrix is not recurrent or its panel is faster. */
  get slices(): Slices | null {
    return this.#count <= this.#slicedCapacity ? this.#slices : null;
  }

  /** Entries; only where the mask fits. */
  get count(): number {
    return this.#count;
  }

  /**
   * Indexes the matrix under the mask whose first bit is at `mask`.
   * @returns whether it fits
   */
  build(mask: number): boolean {
    const { kernels } = this.runtime;
    const { rows, columns } = this.shape;
    if (kernels.maskCount(mask, Math.ceil((rows * columns) / MASK_BITS)) > this.capacity) return false;
    this.#count = kernels.csrIndexRows(this.rows.start, this.rows.index, mask, rows, columns);
    if (this.columns) kernels.csrIndexColumns(this.columns.start, this.columns.index, mask, rows, columns);
    const { slices } = this;
    if (slices) kernels.sliceRows(slices.slices, slices.offset, mask, rows, columns);
    return true;
  }
}
