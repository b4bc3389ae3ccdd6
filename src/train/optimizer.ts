import type { OptimizerConfig, TrainConfig } from '../config/config.js';
import { UNKNOWN_ROW } from '../data/vocabulary.js';
import { NumericsError } from '../errors.js';
import type { Network } from '../model/network.js';
import type { PackedBatch } from '../model/pack-batch.js';
import type { PlaneRange } from '../model/parameters.js';
import { cut, partsFor, spread } from '../model/ranges.js';
import { MASK_BITS, SQUARES_BLOCK } from '../runtime/layout.js';
import type { Runtime } from '../runtime/runtime.js';

/** Weights that exactly these tasks keep; they are updated by the steps of these tasks only. */
export interface MaskGroup {
  readonly tasks: readonly number[];
  /** Address of the mask bits, 0 = all kept. */
  readonly mask: number;
}

/** The state of an optimiser as it is kept in checkpoints: one f32 array a plane. */
export interface OptimizerState {
  readonly planes: readonly Float32Array[];
  readonly steps: number;
  readonly taskSteps: readonly number[];
}

/**
 * SGD with momentum or Adam (Kingma & Ba 2015) over the planes of a network, clipping included.
 *
 * A step of task t moves the prunable weights its mask keeps, the shared parameters, head t and the word rows. With SGD
 * every word row moves at every step by its velocity; rows outside the batch are replayed when a batch next reads them
 * (`refresh`) or all are read (`settle`), to the bits of the dense update. Adam is row-sparse. In `coasting` mode, the
 * reference's behaviour, everything else goes on moving by its velocity too.
 */
export class Optimizer {
  readonly #runtime: Runtime;
  readonly #network: Network;
  readonly #planes: readonly { readonly dense: number; readonly words: number }[];
  readonly #rates: number;
  /** SGD: address of the steps applied to each word row, i32. */
  readonly #rowSteps: number;
  /** Room for a list of word rows, i32. */
  readonly #rowList: number;
  /** Room for the sums of squares of blocks of the prunable plane, f64. */
  readonly #blockSums: number;
  #config: OptimizerConfig;
  #steps = 0;
  #taskSteps: number[];

  /**
   * @param configs those that `begin` will be given
   * @param maximumSteps most steps between two calls of `begin`
   */
  constructor(runtime: Runtime, network: Network, configs: readonly OptimizerConfig[], maximumSteps: number) {
    this.#runtime = runtime;
    this.#network = network;
    const { arena } = runtime;
    // Phases may differ in update rule: the velocity then lies where the first moment does.
    const names = configs.some(({ type }) => type === 'adam') ? ['first moment', 'second moment'] : ['velocity'];
    this.#planes = names.map((name) => ({
      dense: arena.allocateWords(name, network.table.size),
      words: arena.allocateWords(`word ${name}`, network.words.rows * network.words.dimension),
    }));
    this.#rates = arena.allocateWords('learning rates', maximumSteps);
    this.#rowSteps = arena.allocateWords('word row steps', network.words.rows);
    this.#rowList = arena.allocateWords('word row list', network.words.rows);
    this.#blockSums = arena.allocate('sums of squares', 8 * blocksOf(network.table.prunable.end));
    this.#taskSteps = network.shape.tasks.map(() => 0);
    this.#config = configs[0]!;
  }

  /** A fresh optimiser for a training phase: all state zero. */
  begin(config: OptimizerConfig): void {
    this.#config = config;
    this.#steps = 0;
    this.#taskSteps = this.#taskSteps.map(() => 0);
    this.#runtime.arena.i32(this.#rowSteps, this.#network.words.rows).fill(0);
    for (const plane of this.#denseViews()) plane.fill(0);
  }

  /**
   * One step on the gradients of the network's last backward pass.
   * @param mask address of the task's mask, 0 = all kept
   * @param groups for Adam's step counts: the task sets that the masks divide the weights into
   * @throws {NumericsError} NOT_FINITE_GRADIENT
   */
  step(task: number, mask: number, groups: readonly MaskGroup[], rate: number, mode: TrainConfig['momentumMode']): void {
    const scale = this.#gradientScale(task, mask);
    const clip = this.#config.clip === 'value' ? this.#config.clipAt : Number.POSITIVE_INFINITY;
    this.#runtime.arena.f32(this.#rates, this.#steps + 1)[this.#steps] = rate;
    this.#taskSteps[task]! += 1;
    if (this.#config.type === 'sgd') this.#sgdStep(task, mask, mode === 'coasting', Math.fround(rate), scale, clip);
    else this.#adamStep(task, groups, rate, scale, clip);
    this.#steps += 1;
  }

  #sgdStep(task: number, mask: number, coasting: boolean, rate: number, scale: number, clip: number): void {
    const { kernels, work } = this.#runtime;
    const { table, parameters, gradients, words } = this.#network;
    const { dense, words: wordVelocity } = this.#planes[0]!;
    const { momentum } = this.#config;
    const update = (range: PlaneRange, ownMask: number): void => {
      this.#addUpdates(range, ownMask, (at, bits, n) => {
        work.add('sgdMomentum', parameters + at, dense + at, gradients + at, bits, n, rate, momentum, scale, clip, coasting ? 1 : 0);
      });
    };
    update(table.prunable, mask);
    for (const range of table.shared) if (range.tasks.includes(task)) update(range, 0);
    table.heads.forEach((range, other) => {
      const at = 4 * range.begin;
      if (other === task) update(range, 0);
      else if (coasting) {
        kernels.sgdReplayRow(parameters + at, dense + at, range.end - range.begin, this.#rates, this.#steps, this.#steps + 1, momentum);
      }
    });
    const rows = this.#listRows(words.touched);
    const { values, gradients: rowGradients, dimension } = words;
    for (const { begin, end } of cut(words.touched.length, 1, partsFor(work.threads))) {
      work.add(
        'sgdMomentumRows',
        values,
        wordVelocity,
        rowGradients,
        dimension,
        rows,
        begin,
        end,
        this.#rowSteps,
        this.#rates,
        this.#steps,
        momentum,
        scale,
        clip,
      );
    }
    work.join();
  }

  /**
   * Cuts an update into parts for all threads.
   * @param mask address of the range's first mask bit, 0 = all kept
   * @param add takes the byte offset of a part in the planes, its mask bits and its elements
   */
  #addUpdates({ begin, end }: PlaneRange, mask: number, add: (at: number, bits: number, n: number) => void): void {
    for (const part of cut(end - begin, MASK_BITS, partsFor(this.#runtime.work.threads))) {
      add(4 * (begin + part.begin), mask && mask + part.begin / 8, part.end - part.begin);
    }
  }

  #adamStep(task: number, groups: readonly MaskGroup[], rate: number, scale: number, clip: number): void {
    const { work } = this.#runtime;
    const { table, parameters, gradients, words } = this.#network;
    const [first, second] = [this.#planes[0]!, this.#planes[1]!];
    const { beta1, beta2, epsilon } = this.#config;
    const correctionsAt = (steps: number): readonly [number, number] => [1 - power(beta1, steps), 1 - power(beta2, steps)];
    const updateRange = (range: PlaneRange, mask: number, steps: number): void => {
      const corrections = correctionsAt(steps);
      this.#addUpdates(range, mask, (at, bits, n) => {
        const [w, m, v, g] = [parameters + at, first.dense + at, second.dense + at, gradients + at];
        work.add('adam', w, m, v, g, bits, n, rate, beta1, beta2, epsilon, ...corrections, scale, clip);
      });
    };
    const stepsOf = (tasks: readonly number[]): number => tasks.reduce((sum, t) => sum + this.#taskSteps[t]!, 0);
    for (const group of groups) {
      if (!group.tasks.includes(task)) continue;
      updateRange(table.prunable, group.mask, stepsOf(group.tasks));
      // Kernels write whole groups of lanes, also those that the mask leaves as they are: two masks must not meet.
      work.join();
    }
    for (const range of table.shared) if (range.tasks.includes(task)) updateRange(range, 0, stepsOf(range.tasks));
    updateRange(table.heads[task]!, 0, this.#taskSteps[task]!);
    const rows = this.#listRows(words.touched);
    const corrections = correctionsAt(this.#steps + 1);
    const { values, gradients: rowGradients, dimension } = words;
    for (const { begin, end } of cut(words.touched.length, 1, partsFor(work.threads))) {
      work.add(
        'adamRows',
        values,
        first.words,
        second.words,
        rowGradients,
        dimension,
        rows,
        begin,
        end,
        rate,
        beta1,
        beta2,
        epsilon,
        ...corrections,
        scale,
        clip,
      );
    }
    work.join();
  }

  /**
   * Factor on the gradients that brings their global L2 norm down to `clipAt`; 1 when it is not above, or clipping is not
   * by norm. Squares are summed in f64: prunable (kept entries), shared, head, then word rows ascending.
   */
  #gradientScale(task: number, mask: number): number {
    if (this.#config.clip !== 'norm') return 1;
    const { kernels } = this.#runtime;
    const { table, gradients, words } = this.#network;
    const squares = ({ begin, end }: PlaneRange): number => kernels.sumOfSquares(gradients + 4 * begin, 0, end - begin);
    let sum = this.#sumOfPrunable(mask);
    for (const range of table.shared) if (range.tasks.includes(task)) sum += squares(range);
    sum += squares(table.heads[task]!);
    sum = kernels.sumOfSquaresRows(words.gradients, words.dimension, words.touched.length, sum);
    const norm = Math.sqrt(sum);
    if (!Number.isFinite(norm)) {
      throw new NumericsError(
        'NOT_FINITE_GRADIENT',
        `the gradient is not finite at step ${this.#steps} of its phase; lower the learning rate`,
      );
    }
    return norm > this.#config.clipAt ? Math.fround(this.#config.clipAt / norm) : 1;
  }

  /** Threads sum the blocks, this one adds them up in their order. */
  #sumOfPrunable(mask: number): number {
    const { work, arena } = this.#runtime;
    const { table, gradients } = this.#network;
    const { end } = table.prunable;
    const blocks = blocksOf(end);
    spread(work, blocks, 1, (begin, n) => work.add('sumOfSquaresBlocks', this.#blockSums, gradients, mask, end, begin, begin + n));
    let sum = 0;
    for (const square of arena.f64(this.#blockSums, blocks)) sum += square;
    return sum;
  }

  /** Brings the word rows that a batch reads up to date; call before it is encoded. */
  refresh(batch: PackedBatch): void {
    if (this.#config.type !== 'sgd') return;
    // Word dropout may put the unknown row anywhere. The row of padding is negative and skipped.
    const rows = Int32Array.from(new Set(batch.wordRows).add(UNKNOWN_ROW));
    this.#replayRows(this.#listRows(rows), rows.length);
  }

  /** Brings every word row up to date; call before the table is read as a whole or evaluated. */
  settle(): void {
    if (this.#config.type === 'sgd') this.#replayRows(0, this.#network.words.rows);
  }

  /** @param list address of the rows, 0 = the first `count` rows of the table */
  #replayRows(list: number, count: number): void {
    const { words } = this.#network;
    const velocity = this.#planes[0]!.words;
    const { momentum } = this.#config;
    const { work } = this.#runtime;
    const [rowSteps, rates, steps] = [this.#rowSteps, this.#rates, this.#steps];
    spread(work, count, 1, (begin, n) => {
      work.add('sgdReplayRows', words.values, velocity, words.dimension, list, begin, begin + n, rowSteps, rates, steps, momentum);
    });
  }

  /** Lays out a list of different rows for the kernels and returns its address. */
  #listRows(rows: Int32Array): number {
    this.#runtime.arena.i32(this.#rowList, rows.length).set(rows);
    return this.#rowList;
  }

  /** The settled state; its planes are views of kernel memory, valid until the next step. */
  save(): OptimizerState {
    this.settle();
    return { planes: this.#denseViews(), steps: this.#steps, taskSteps: [...this.#taskSteps] };
  }

  /** Takes back a state of `save`, within a phase begun with `config`. */
  restore(config: OptimizerConfig, state: OptimizerState): void {
    this.begin(config);
    this.#denseViews().forEach((view, i) => {
      view.set(state.planes[i]!);
    });
    this.#steps = state.steps;
    this.#taskSteps = [...state.taskSteps];
    this.#runtime.arena.i32(this.#rowSteps, this.#network.words.rows).fill(state.steps);
  }

  /** Elements of each plane of a state. */
  get planeSizes(): number[] {
    return this.#denseViews().map(({ length }) => length);
  }

  #denseViews(): Float32Array[] {
    const { arena } = this.#runtime;
    const { table, words } = this.#network;
    return this.#planes.flatMap((plane) => [arena.f32(plane.dense, table.size), arena.f32(plane.words, words.rows * words.dimension)]);
  }
}

/** Blocks that sums of squares are cut into (assembly/kernels/reduce.ts). */
function blocksOf(elements: number): number {
  return Math.ceil(elements / SQUARES_BLOCK);
}

/** base to a whole power, by squaring: exact operations in a fixed order. */
function power(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let e = exponent; e > 0; e = Math.floor(e / 2)) {
    if (e % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}
