import type { Arena } from '../runtime/arena.js';
import type { KernelExports } from '../runtime/kernel-exports.js';
import { type BatchCapacity, strideFor } from './batch-memory.js';
import type { Activations, Matrix } from './matrix.js';
import type { Pass } from './pass.js';

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
}

/** One bidirectional LSTM layer: y = [h forward ; h backward], `2 * hidden` features. */
export class BilstmLayer {
  #output = 0;
  #scratch = 0;
  #states: DirectionState[] = [];

  /** @param directions forward, then backward in time */
  constructor(
    private readonly arena: Arena,
    private readonly kernels: KernelExports,
    private readonly name: string,
    private readonly hidden: number,
    private readonly directions: readonly DirectionTensors[],
  ) {}

  plan(capacity: BatchCapacity, backward: boolean): void {
    const plane = this.hidden * strideFor(capacity.positions);
    const take = (part: string, count: number): number => this.arena.allocateWords(`${this.name} ${part}`, count);
    this.#output = take('output', 2 * plane);
    this.#states = this.directions.map(() => ({
      gates: take('gates', 4 * plane),
      hPrevious: take('previous hidden', plane),
      cell: take('cell', plane),
      tanhCell: take('tanh of cell', plane),
    }));
    if (backward) this.#scratch = take('gradient state', 2 * this.hidden * capacity.lanes);
  }

  /** @param masks address of the mask bits of each direction's [input, recurrent] matrix; 0 = all kept */
  prepare(masks: readonly (readonly [number, number])[], backward: boolean): void {
    this.directions.forEach((direction, d) => {
      direction.input.prepare(masks[d]![0], backward);
      direction.recurrent.prepare(masks[d]![1], backward);
    });
  }

  output(pass: Pass): Activations {
    return { pointer: this.#output, stride: pass.stride };
  }

  forward(pass: Pass, x: Activations): void {
    const { batch, memory, stride } = pass;
    this.directions.forEach((direction, d) => {
      const state = this.#states[d]!;
      const u = direction.recurrent.operand;
      direction.input.multiply({ pointer: state.gates, stride }, x, batch.positions, 0);
      this.kernels.lstmForward(
        state.gates,
        this.#rows(d, stride),
        state.hPrevious,
        state.cell,
        state.tanhCell,
        direction.bias,
        u.weight,
        u.index,
        u.value,
        this.hidden,
        stride,
        batch.steps,
        memory.base,
        memory.valid,
        d,
        0,
        0,
        batch.base[1]!,
      );
    });
  }

  /** From dy (`2 * hidden` features) to all gradients of the layer and, when `dx` is given, the input gradient. */
  backward(pass: Pass, dy: Activations, x: Activations, dx: Activations | null): void {
    const { batch, memory, stride } = pass;
    const { positions } = batch;
    this.directions.forEach((direction, d) => {
      const state = this.#states[d]!;
      const u = direction.recurrent.transposedOperand;
      const dz = { pointer: state.gates, stride };
      this.kernels.lstmBackward(
        state.gates,
        dy.pointer + 4 * d * this.hidden * stride,
        state.cell,
        state.tanhCell,
        this.#scratch,
        u.weight,
        u.index,
        u.value,
        this.hidden,
        stride,
        batch.steps,
        memory.base,
        memory.valid,
        d,
        0,
        0,
        batch.base[1]!,
      );
      direction.input.weightGradient(dz, x, positions);
      direction.recurrent.weightGradient(dz, { pointer: state.hPrevious, stride }, positions);
      this.kernels.biasGradient(direction.dBias, dz.pointer, stride, positions, 0, 4 * this.hidden);
      // Forward before backward: the second direction adds to what the first stored.
      if (dx) direction.input.multiplyTransposed(dx, dz, positions, d === 1);
    });
  }

  /** Address of direction d's rows of the output. */
  #rows(d: number, stride: number): number {
    return this.#output + 4 * d * this.hidden * stride;
  }
}
