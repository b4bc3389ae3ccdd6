import { LANES, MASK_BITS, PANEL_ROWS, roundUp } from '../runtime/layout.js';
import type { Runtime } from '../runtime/runtime.js';
import { type MatrixIndex, placesFor } from './matrix-index.js';
import { cut, partsFor } from './ranges.js';

/** One operand of a product: address of feature 0, position 0 and the elements between features. */
export interface Activations {
  readonly pointer: number;
  readonly stride: number;
  /** Address of the same numbers as tiles (tiles.ts); sparse products read these. */
  readonly tiles?: number;
}

/** Address of a feature at a position. */
export function at({ pointer, stride }: Activations, feature: number, position: number): number {
  return pointer + 4 * (feature * stride + position);
}

/** What the recurrent kernels take: a dense panel (`index` 0) or CSR start, index and value. */
export interface WeightOperand {
  readonly weight: number;
  readonly index: number;
  readonly value: number;
}

/** Rows that are packed, gathered or multiplied together: whole panels, and mask bits that begin on a word. */
const ROW_UNIT = 32;

/** Addresses of a copy of the weights in the forms that products read. */
interface Copy {
  /** Panels, or the values of an index, which are fewer. */
  readonly forward: number;
  readonly transposed: number;
  /** Recurrent weights under an index as a sentence alone reads them: values of slices, or a panel. */
  readonly alone: number;
  /** Under a mask in tagging: elements that `forward` and `alone` have room for. */
  readonly room?: readonly [forward: number, alone: number];
  isMade: boolean;
}

/**
 * A weight matrix W [rows][columns] of the parameter plane, ready for products. `prepare` copies the weights out of the
 * plane: kept ones in the order of an index, or all of them to dense panels (masked entries as +0). Products read only the
 * copy, and have the same bits either way. In training weights change all the time, and one copy is made anew for each
 * step; for tagging they do not, and each mask that memory was taken for has a copy of its own, made once.
 *
 * Methods add calls to the runtime's work; results are there after its `join`.
 */
export class Matrix {
  readonly #runtime: Runtime;
  readonly #name: string;
  /** By address of the mask; 0: all kept, and in training every mask. */
  readonly #copies = new Map<number, Copy>();
  #copy: Copy;
  #index: MatrixIndex | null = null;

  constructor(
    runtime: Runtime,
    name: string,
    readonly rows: number,
    readonly columns: number,
    /** Address of W in the plane of parameters. */
    private readonly weights: number,
    /** Address of dW in the plane of gradients, 0 when the network is for tagging only. */
    private readonly gradients: number,
    /** Whether an LSTM multiplies its own state by it; the rows are then a multiple of 4. */
    readonly isRecurrent: boolean,
  ) {
    this.#runtime = runtime;
    this.#name = name;
    const { arena } = runtime;
    this.#copy = {
      forward: arena.allocateWords(`${name} panel`, roundUp(rows, PANEL_ROWS) * columns),
      transposed: gradients ? arena.allocateWords(`${name} transposed panel`, roundUp(columns, PANEL_ROWS) * rows) : 0,
      alone: 0,
      isMade: false,
    };
    this.#copies.set(0, this.#copy);
  }

  /** For training: takes what scoring sentences alone under an index needs besides its own memory, once for all masks. */
  reserveAlone(): void {
    const shared = this.#copies.get(0)!;
    if (this.gradients === 0 || !this.isRecurrent || shared.alone) return;
    const alone = this.#runtime.arena.allocateWords(`${this.#name} alone`, LANES * placesFor(this.rows * this.columns, this.columns));
    this.#copy = { ...shared, alone };
    this.#copies.set(0, this.#copy);
  }

  /** For tagging: takes memory for the copy under a mask, whose index is built, unless there is enough from an earlier time. */
  reserveCopy(mask: number, index: MatrixIndex | null): void {
    const { arena } = this.#runtime;
    const take = (part: string, count: number): number => (count > 0 ? arena.allocateWords(`${this.#name} ${part}`, count) : 0);
    const panel = roundUp(this.rows, PANEL_ROWS) * this.columns;
    const forward = index ? index.count : panel;
    const alone = !index || !this.isRecurrent ? 0 : index.slices ? LANES * placesFor(index.count, this.columns) : panel;
    const own = this.#copies.get(mask);
    if (own?.room && own.room[0] >= forward && own.room[1] >= alone) {
      own.isMade = false;
      return;
    }
    this.#copies.set(mask, {
      forward: take('weights', forward),
      transposed: 0,
      alone: take('weights alone', alone),
      room: [forward, alone],
      isMade: false,
    });
  }

  /**
   * @param mask address of this matrix's first mask bit, 0 = all kept
   * @param index of this matrix under that mask; null: dense
   */
  prepare(mask: number, index: MatrixIndex | null, backward: boolean): void {
    this.#index = index;
    const own = this.#copies.get(mask);
    this.#copy = own ?? this.#copies.get(0)!;
    if (own?.isMade) return;
    if (index) this.#gatherKept(index, backward);
    else this.#packPanels(mask, backward);
    if (index && this.isRecurrent && !backward) this.#prepareAlone(mask, index);
    this.#copy.isMade = own !== undefined && this.gradients === 0;
  }

  #prepareAlone(mask: number, { slices }: MatrixIndex): void {
    const { work } = this.#runtime;
    if (slices) work.add('sliceGather', this.#copy.alone, this.weights, slices.slices, slices.offset, this.rows, this.columns);
    else work.add('packRows', this.#copy.alone, this.weights, mask, this.rows, this.columns);
  }

  #gatherKept({ rows, columns }: MatrixIndex, backward: boolean): void {
    const { work } = this.#runtime;
    for (const { begin, end } of this.#rowRanges(ROW_UNIT)) {
      const start = rows.start + 4 * begin;
      work.add('csrGatherRows', this.#copy.forward, this.#row(begin), start, rows.index, end - begin, this.columns);
    }
    if (!backward) return;
    for (const { begin, end } of cut(this.columns, 1, partsFor(work.threads))) {
      const start = columns!.start + 4 * begin;
      work.add('csrGatherColumns', this.#copy.transposed, this.weights + 4 * begin, start, columns!.index, this.columns, end - begin);
    }
  }

  #packPanels(mask: number, backward: boolean): void {
    const { work } = this.#runtime;
    for (const { begin, end } of this.#rowRanges(ROW_UNIT)) {
      const bits = mask && mask + (4 * begin * this.columns) / MASK_BITS;
      work.add('packRows', this.#copy.forward + 4 * begin * this.columns, this.#row(begin), bits, end - begin, this.columns);
    }
    if (backward) work.add('packColumns', this.#copy.transposed, this.weights, mask, this.rows, this.columns);
  }

  /** Whether products skip pruned weights; they then read their activations as tiles. */
  get isSparse(): boolean {
    return this.#index !== null;
  }

  get operand(): WeightOperand {
    return this.#index
      ? { weight: this.#index.rows.start, index: this.#index.rows.index, value: this.#copy.forward }
      : { weight: this.#copy.forward, index: 0, value: 0 };
  }

  get transposedOperand(): WeightOperand {
    const columns = this.#index?.columns;
    return columns
      ? { weight: columns.start, index: columns.index, value: this.#copy.transposed }
      : { weight: this.#copy.transposed, index: 0, value: 0 };
  }

  /** For a sentence alone, after a `prepare` without backward: a dense panel (`index` 0) or slices, offsets and values. */
  get aloneOperand(): WeightOperand {
    if (!this.#index) return this.operand;
    const { slices } = this.#index;
    return slices
      ? { weight: slices.slices, index: slices.offset, value: this.#copy.alone }
      : { weight: this.#copy.alone, index: 0, value: 0 };
  }

  /** y = W x (+ bias); features ascending, the bias last. */
  multiply(y: Activations, x: Activations, positions: number, bias: number): void {
    this.#product(this.operand, y, x, this.rows, this.columns, positions, bias, false);
  }

  /** dx = W' dy, or dx = dx + W' dy; rows ascending. */
  multiplyTransposed(dx: Activations, dy: Activations, positions: number, accumulate: boolean): void {
    this.#product(this.transposedOperand, dx, dy, this.columns, this.rows, positions, 0, accumulate);
  }

  #product(
    a: WeightOperand,
    y: Activations,
    x: Activations,
    rows: number,
    depth: number,
    positions: number,
    bias: number,
    accumulate: boolean,
  ): void {
    const { work } = this.#runtime;
    const add = accumulate ? 1 : 0;
    for (const { begin, end } of cut(rows, 2 * PANEL_ROWS, partsFor(work.threads))) {
      if (a.index === 0) {
        work.add('gemm', y.pointer, y.stride, a.weight, x.pointer, x.stride, depth, positions, bias, add, begin, end);
      } else {
        work.add('spmm', y.pointer, y.stride, a.weight, a.index, a.value, x.tiles!, depth, positions, bias, add, begin, end);
      }
    }
  }

  /** dW = dy x' over positions, at kept entries; what is there at others is left undefined. */
  weightGradient(dy: Activations, x: Activations, positions: number): void {
    const { work } = this.#runtime;
    const [dw, index, columns] = [this.gradients, this.#index, this.columns];
    for (const { begin, end } of this.#rowRanges(2)) {
      if (index) {
        const { rows } = index;
        work.add(
          'spmmWeightGradient',
          dw,
          dy.pointer,
          dy.stride,
          x.pointer,
          x.stride,
          rows.start,
          rows.index,
          columns,
          positions,
          begin,
          end,
        );
      } else {
        work.add('gemmWeightGradient', dw, dy.pointer, dy.stride, x.pointer, x.stride, columns, positions, begin, end);
      }
    }
  }

  #rowRanges(unit: number) {
    return cut(this.rows, unit, partsFor(this.#runtime.work.threads));
  }

  #row(row: number): number {
    return this.weights + 4 * row * this.columns;
  }
}
