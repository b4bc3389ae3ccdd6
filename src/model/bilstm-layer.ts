import { LANES, TILE_POSITIONS } from '../runtime/layout.js';
import type { Runtime } from '../runtime/runtime.js';
import { type BatchCapacity, strideFor } from './batch-memory.js';
import type { Activations, Matrix } from './matrix.js';
import type { PackedBatch } from './pack-batch.js';
import type { Pass } from './pass.js';
import { cut, type Range } from './ranges.js';

/** Elements of scratch for each unit that `lstmForwardSentence` asks for. */
const ALONE_SCRATCH = 21;

/** Tensors of one direction of one layer. */
export interface DirectionTensors {
  readonly input: Matrix;
  readonly recurrent: Matrix;
  readonly bias: number;
  readonly dBias: number;
}

/** What the backward pass of a direction needs from its forward pass. */
interface DirectionState {
  gates: number;
  hPrevious: number;
  cell: number;
  tanhCell: number;
  /** Gradients of state and cell that a step leaves to the step before; training only. */
  scratch: number;
  /** Scratch of sparse recurrent products: a tile for each range of lanes. */
  tiles: number;
  /** Scratch of a sentence alone. */
  alone: number;
}

/** A group of lanes of one direction, which a call works on, and its scratch. */
interface LaneGroup extends Range {
  readonly scratch: number;
  readonly tile: number;
}

/** One bidirectional LSTM layer: y = [h forward ; h backward], `2 * hidden` features. */
export class BilstmLayer {
  #output = 0;
  #states: DirectionState[] = [];

  /** @param directions forward, then backward in time */
  constructor(
    private readonly runtime: Runtime,
    private readonly name: string,
    private readonly hidden: number,
    private readonly directions: readonly DirectionTensors[],
  ) {}

  plan(capacity: BatchCapacity, backward: boolean): void {
    const plane = this.hidden * strideFor(capacity.positions);
    const take = (part: string, count: number): number => this.runtime.arena.allocateWords(`${this.name} ${part}`, count);
    this.#output = take('output', 2 * plane);
    this.#states = this.directions.map(() => ({
      gates: take('gates', 4 * plane),
      hPrevious: take('previous hidden', plane),
      cell: take('cell', plane),
      tanhCell: take('tanh of cell', plane),
      scratch: backward ? take('gradient state', 2 * this.hidden * capacity.lanes) : 0,
      tiles: take('operand tiles', this.#laneGroups * this.#tileSize(backward)),
      alone: take('sentence alone', ALONE_SCRATCH * this.hidden),
    }));
  }

  output(pass: Pass): Activations {
    return { pointer: this.#output, stride: pass.stride };
  }

  forward(pass: Pass, x: Activations): void {
    const { batch, stride } = pass;
    const { work } = this.runtime;
    this.directions.forEach(({ input }, d) => {
      input.multiply({ pointer: this.#states[d]!.gates, stride }, x, batch.positions, 0);
    });
    work.join();
    if (batch.isAlone) this.#runAlone(pass);
    else this.#runLanes(pass);
    work.join();
  }

  /** From the input products of the gates to the output of both directions. */
  #runLanes({ batch, memory, stride }: Pass): void {
    const { work } = this.runtime;
    this.directions.forEach((direction, d) => {
      const { gates, hPrevious, cell, tanhCell } = this.#states[d]!;
      const u = direction.recurrent.operand;
      const y = this.#rows(d, stride);
      const { bias } = direction;
      const { steps } = batch;
      const { base, valid } = memory;
      for (const { begin, end, tile } of this.#cutLanes(d, batch, false)) {
        work.add(
          'lstmForward',
          gates,
          y,
          hPrevious,
          cell,
          tanhCell,
          bias,
          u.weight,
          u.index,
          u.value,
          this.hidden,
          stride,
          steps,
          base,
          valid,
          d,
          tile,
          begin,
          end,
        );
      }
    });
  }

  /** The same for one sentence alone; keeps nothing for a backward pass. */
  #runAlone({ batch, stride }: Pass): void {
    const { work } = this.runtime;
    this.directions.forEach(({ recurrent, bias }, d) => {
      const { gates, alone } = this.#states[d]!;
      const u = recurrent.aloneOperand;
      const y = this.#rows(d, stride);
      work.add('lstmForwardSentence', y, gates, bias, u.weight, u.index, u.value, this.hidden, stride, batch.steps, d, alone);
    });
  }

  /** From dy (`2 * hidden` features) to all gradients of the layer and, when `dx` is given, the input gradient. */
  backward(pass: Pass, dy: Activations, x: Activations, dx: Activations | null): void {
    const { batch, memory, stride } = pass;
    const { work } = this.runtime;
    const { positions, steps } = batch;
    this.directions.forEach((direction, d) => {
      const { gates, cell, tanhCell } = this.#states[d]!;
      const u = direction.recurrent.transposedOperand;
      const dh = dy.pointer + 4 * d * this.hidden * stride;
      const { base, valid } = memory;
      for (const { begin, end, scratch, tile } of this.#cutLanes(d, batch, true)) {
        work.add(
          'lstmBackward',
          gates,
          dh,
          cell,
          tanhCell,
          scratch,
          u.weight,
          u.index,
          u.value,
          this.hidden,
          stride,
          steps,
          base,
          valid,
          d,
          tile,
          begin,
          end,
        );
      }
    });
    work.join();
    this.directions.forEach((direction, d) => {
      const { gates, hPrevious } = this.#states[d]!;
      const dz = { pointer: gates, stride };
      // Forward before backward: the second direction adds to what the first stored.
      if (dx) direction.input.multiplyTransposed(dx, dz, positions, d === 1);
      direction.input.weightGradient(dz, x, positions);
      direction.recurrent.weightGradient(dz, { pointer: hPrevious, stride }, positions);
      work.add('biasGradient', direction.dBias, dz.pointer, stride, positions, 0, 4 * this.hidden);
      work.join();
    });
  }

  /** Lane groups of a direction: as many as there are threads for each of the two. */
  get #laneGroups(): number {
    return Math.ceil(this.runtime.work.threads / this.directions.length);
  }

  #tileSize(backward: boolean): number {
    return TILE_POSITIONS * (backward ? 4 : 1) * this.hidden;
  }

  #cutLanes(d: number, { base }: PackedBatch, backward: boolean): LaneGroup[] {
    const { scratch, tiles } = this.#states[d]!;
    return cut(base[1]!, LANES, this.#laneGroups).map(({ begin, end }, group) => ({
      begin,
      end,
      scratch: scratch + 8 * this.hidden * begin,
      tile: tiles + 4 * group * this.#tileSize(backward),
    }));
  }

  /** Address of direction d's rows of the output. */
  #rows(d: number, stride: number): number {
    return this.#output + 4 * d * this.hidden * stride;
  }
}
