import { LANES, TILE_POSITIONS } from '../runtime/layout.js';
import type { Runtime } from '../runtime/runtime.js';
import { type BatchCapacity, strideFor } from './batch-memory.js';
import type { InParts } from './in-parts.js';
import type { Activations, Matrix } from './matrix.js';
import type { Pass } from './pass.js';
import { cut } from './ranges.js';
import { tiled, tiledElements } from './tiles.js';

/** Elements of scratch that the recurrent products of one direction need, as tiles, however their lanes are cut. */
export function recurrentTileElements(hidden: number, lanes: number): number {
  return tiledElements(4 * hidden, TILE_POSITIONS) * Math.ceil(lanes / LANES);
}

/** Elements of scratch a unit that `lstmForwardSentence` asks for. */
const ALONE_SCRATCH = 21;

/** Tensors of one direction of one layer. */
export interface DirectionTensors {
  readonly input: Matrix;
  readonly recurrent: Matrix;
  readonly bias: number;
  readonly dBias: number;
}

function weightsOf({ input, recurrent }: DirectionTensors): number {
  return input.rows * input.columns + recurrent.rows * recurrent.columns;
}

/** What the backward pass of a direction needs from its forward pass. */
interface DirectionState {
  gates: number;
  hPrevious: number;
  cell: number;
  tanhCell: number;
  /** Gradients of state and cell that a step leaves to the step before, by range of lanes; training only. */
  scratch: number;
  /** Scratch of a sentence alone. */
  alone: number;
}

/** One bidirectional LSTM layer: y = [h forward ; h backward], `2 * hidden` features. */
export class BilstmLayer {
  #output = 0;
  #tiles: readonly number[] = [];
  #states: DirectionState[] = [];

  /** @param directions forward, then backward in time */
  constructor(
    private readonly runtime: Runtime,
    readonly name: string,
    private readonly hidden: number,
    private readonly directions: readonly DirectionTensors[],
  ) {}

  /** @param tiles address of scratch for the tiles of each direction */
  plan(capacity: BatchCapacity, backward: boolean, tiles: readonly number[]): void {
    this.#tiles = tiles;
    const plane = this.hidden * strideFor(capacity.positions);
    const take = (part: string, count: number): number => this.runtime.arena.allocateWords(`${this.name} ${part}`, count);
    this.#output = take('output', 2 * plane);
    this.#states = this.directions.map(() => ({
      gates: take('gates', 4 * plane),
      hPrevious: take('previous hidden', plane),
      cell: take('cell', plane),
      tanhCell: take('tanh of cell', plane),
      scratch: backward ? take('gradient state', 2 * this.hidden * capacity.lanes) : 0,
      alone: take('sentence alone', ALONE_SCRATCH * this.hidden),
    }));
  }

  output(pass: Pass): Activations {
    return { pointer: this.#output, stride: pass.stride };
  }

  /** Both directions, which run side by side. */
  *forward(pass: Pass, x: Activations): InParts<void> {
    const { batch, stride } = pass;
    const { work } = this.runtime;
    const inputs = this.directions.map(({ input }) => input);
    const operand = tiled(work, x, inputs[0]!.columns, batch.positions, this.#tiles[0]!, inputs);
    inputs.forEach((input, d) => {
      input.multiply({ pointer: this.#states[d]!.gates, stride }, operand, batch.positions, 0);
    });
    work.join();
    if (batch.isAlone) this.#addAlone(pass);
    else this.#addForward(pass);
    work.join();
    yield batch.positions * this.directions.reduce((sum, direction) => sum + weightsOf(direction), 0);
  }

  /** From the input products of the gates to the output of both directions. */
  #addForward({ batch, memory, stride }: Pass): void {
    const { work } = this.runtime;
    const { base, valid } = memory;
    this.directions.forEach(({ recurrent, bias }, d) => {
      const { gates, hPrevious, cell, tanhCell } = this.#states[d]!;
      const { weight, index, value } = recurrent.operand;
      const y = this.#rows(d, stride);
      this.#addLanes(batch.base[1]!, d, (tiles, begin, end) => {
        work.add(
          'lstmForward',
          gates,
          y,
          hPrevious,
          cell,
          tanhCell,
          bias,
          weight,
          index,
          value,
          this.hidden,
          stride,
          batch.steps,
          base,
          valid,
          d,
          tiles,
          begin,
          end,
        );
      });
    });
  }

  /** The same for a sentence alone; keeps nothing for a backward pass. */
  #addAlone({ batch, stride }: Pass): void {
    const { work } = this.runtime;
    this.directions.forEach(({ recurrent, bias }, d) => {
      const { gates, alone } = this.#states[d]!;
      const { weight, index, value } = recurrent.aloneOperand;
      const y = this.#rows(d, stride);
      work.add('lstmForwardSentence', y, gates, bias, weight, index, value, this.hidden, stride, batch.steps, d, alone);
    });
  }

  /** From dy (`2 * hidden` features) to all gradients of the layer and, when `dx` is given, the input gradient; a direction at a time. */
  *backward(pass: Pass, dy: Activations, x: Activations, dx: Activations | null): InParts<void> {
    const { batch, memory, stride } = pass;
    const { work } = this.runtime;
    const { positions, steps } = batch;
    const { base, valid } = memory;
    this.directions.forEach(({ recurrent }, d) => {
      const { gates, cell, tanhCell, scratch } = this.#states[d]!;
      const { weight, index, value } = recurrent.transposedOperand;
      const dh = dy.pointer + 4 * d * this.hidden * stride;
      this.#addLanes(batch.base[1]!, d, (tiles, begin, end) => {
        work.add(
          'lstmBackward',
          gates,
          dh,
          cell,
          tanhCell,
          scratch + 4 * 2 * this.hidden * begin,
          weight,
          index,
          value,
          this.hidden,
          stride,
          steps,
          base,
          valid,
          d,
          tiles,
          begin,
          end,
        );
      });
    });
    work.join();
    for (const [d, direction] of this.directions.entries()) {
      const { gates, hPrevious } = this.#states[d]!;
      const dz = { pointer: gates, stride };
      // Forward before backward: the second direction adds to what the first stored.
      if (dx) {
        const operand = tiled(work, dz, 4 * this.hidden, positions, this.#tiles[d]!, [direction.input]);
        direction.input.multiplyTransposed(dx, operand, positions, d === 1);
      }
      direction.input.weightGradient(dz, x, positions);
      direction.recurrent.weightGradient(dz, { pointer: hPrevious, stride }, positions);
      work.add('biasGradient', direction.dBias, dz.pointer, stride, positions, 0, 4 * this.hidden);
      work.join();
      yield 2 * positions * weightsOf(direction);
    }
  }

  /**
   * Cuts the lanes of a direction for the threads that the two directions alone leave idle.
   * @param add takes the scratch for tiles of a range of lanes, and the range
   */
  #addLanes(lanes: number, direction: number, add: (tiles: number, begin: number, end: number) => void): void {
    let tiles = this.#tiles[direction]!;
    for (const { begin, end } of cut(lanes, LANES, Math.ceil(this.runtime.work.threads / 2))) {
      add(tiles, begin, end);
      tiles += 4 * tiledElements(4 * this.hidden, end - begin);
    }
  }

  /** Address of direction d's rows of the output. */
  #rows(d: number, stride: number): number {
    return this.#output + 4 * d * this.hidden * stride;
  }
}
