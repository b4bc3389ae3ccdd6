import type { Arena } from '../runtime/arena.js';
import { LANES } from '../runtime/layout.js';
import type { Runtime } from '../runtime/runtime.js';
import type { Work } from '../runtime/work.js';
import { type Activations, at } from './matrix.js';
import { groupPositions } from './pack-batch.js';
import { spread } from './ranges.js';

/** Name of the word table in the model file. */
export const WORD_TABLE_NAME = 'word.table';

/** The rows of a batch that receive a gradient: ids ascending, and the positions of each in sentence order. */
interface TouchedRows {
  readonly ids: Int32Array;
  readonly start: Uint32Array;
  readonly list: Uint32Array;
}

/**
 * The word table f32[rows][dimension] and, for training, the gradients of the rows that a batch touches. Row 0 is the
 * pad: zero, never looked up, never updated.
 */
export class WordTable {
  readonly values: number;
  readonly #arena: Arena;
  readonly #work: Work;
  #gradients = 0;
  #start = 0;
  #list = 0;
  #touched: TouchedRows = { ids: new Int32Array(), start: new Uint32Array(1), list: new Uint32Array() };

  constructor(
    { arena, work }: Runtime,
    readonly rows: number,
    readonly dimension: number,
  ) {
    this.#arena = arena;
    this.#work = work;
    this.values = arena.allocateWords('word table', rows * dimension);
  }

  /** Takes the buffers of the backward pass for batches of at most `tokens` tokens. */
  planGradients(tokens: number): void {
    this.#gradients = this.#arena.allocateWords('word row gradients', tokens * this.dimension);
    this.#start = this.#arena.allocateWords('word row start', tokens + 1);
    this.#list = this.#arena.allocateWords('word row positions', tokens);
  }

  /** x[f][p] = table[rows[p]][f]; rows at `rowsPointer`, negative: +0. */
  gather(x: Activations, rowsPointer: number, positions: number): void {
    spread(this.#work, positions, LANES, (p, n) => {
      this.#work.add('embeddingGather', at(x, 0, p), x.stride, this.values, this.dimension, rowsPointer + 4 * p, n);
    });
  }

  /** Sums dx into one gradient per touched row. */
  scatter(dx: Activations, rowOfPosition: Int32Array, listing: Uint32Array): void {
    const ids = Int32Array.from(new Set(Array.from(listing, (position) => rowOfPosition[position]!))).sort();
    const indexOfRow = new Map<number, number>();
    ids.forEach((id, index) => {
      indexOfRow.set(id, index);
    });
    const indexOfPosition = new Int32Array(rowOfPosition.length).fill(-1);
    for (const position of listing) indexOfPosition[position] = indexOfRow.get(rowOfPosition[position]!)!;
    const { start, list } = groupPositions(ids.length, listing, indexOfPosition);
    this.#touched = { ids, start, list };
    this.#arena.u32(this.#start, start.length).set(start);
    this.#arena.u32(this.#list, list.length).set(list);
    spread(this.#work, ids.length, 1, (row, n) => {
      const gradients = this.#gradients + 4 * row * this.dimension;
      this.#work.add('embeddingScatter', gradients, this.dimension, dx.pointer, dx.stride, this.#start + 4 * row, this.#list, n);
    });
  }

  /** Ids of the rows with a gradient, ascending. */
  get touched(): Int32Array {
    return this.#touched.ids;
  }

  /** Address of the gradients of the touched rows, f32[touched][dimension]. */
  get gradients(): number {
    return this.#gradients;
  }
}
