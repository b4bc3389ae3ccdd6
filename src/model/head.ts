import { LANES, roundUp } from '../runtime/layout.js';
import type { Runtime } from '../runtime/runtime.js';
import { type BatchCapacity, strideFor } from './batch-memory.js';
import type { Activations, Matrix } from './matrix.js';
import type { HeadShape } from './parameters.js';
import type { Pass } from './pass.js';
import { cut, partsFor } from './ranges.js';

/** Addresses of a head's tensors in one plane; 0 where the head has none. */
export interface HeadTensors {
  readonly bias: number;
  readonly transitions: number;
  readonly start: number;
  readonly end: number;
}

/** The best tags of one sentence, by number, and the probability of each if it was asked for. */
export interface Prediction {
  readonly tags: Int32Array;
  readonly probabilities: Float32Array | null;
}

/**
 * The head of one task: emissions = W y + b, then softmax cross-entropy per token (mean over the batch's tokens) or a
 * linear-chain CRF (mean over its sentences of log Z - gold score; Lafferty et al. 2001), decoded by argmax or Viterbi.
 */
export class Head {
  #emissions = 0;
  #dEmissions = 0;
  #losses = 0;
  #rows = 0;
  #dRows = 0;
  #tags = 0;
  #scratch = 0;

  constructor(
    private readonly runtime: Runtime,
    readonly shape: HeadShape,
    private readonly weight: Matrix,
    private readonly parameters: HeadTensors,
    private readonly gradients: HeadTensors,
    /** Elements of the head's gradients from the first transition to the end, cleared before they are added to. */
    private readonly crfGradients: { readonly pointer: number; readonly count: number },
  ) {}

  plan(capacity: BatchCapacity, backward: boolean): void {
    const { tags, head, name } = this.shape;
    const stride = strideFor(capacity.positions);
    const take = (part: string, count: number): number => this.runtime.arena.allocateWords(`head ${name} ${part}`, count);
    this.#emissions = take('emissions', tags * stride);
    this.#tags = take('tags', Math.max(capacity.positions, capacity.steps));
    if (backward) {
      this.#dEmissions = take('emission gradients', tags * stride);
      this.#losses = take('losses', capacity.positions);
    }
    if (head === 'crf') {
      this.#rows = take('sentence', capacity.steps * roundUp(tags, 4));
      if (backward) this.#dRows = take('sentence gradients', capacity.steps * roundUp(tags, 4));
      this.#scratch = this.runtime.arena.allocate(`head ${name} scratch`, this.runtime.kernels.crfScratchBytes(capacity.steps, tags));
    }
  }

  forward(pass: Pass, y: Activations): void {
    this.weight.multiply({ pointer: this.#emissions, stride: pass.stride }, y, pass.batch.positions, this.parameters.bias);
    this.runtime.work.join();
  }

  /** After `forward`: the loss, the gradients of the head, and dLoss / dy written to `dy`. */
  backward(pass: Pass, y: Activations, dy: Activations): number {
    const { positions } = pass.batch;
    const dEmissions = { pointer: this.#dEmissions, stride: pass.stride };
    const { work } = this.runtime;
    const loss = this.shape.head === 'crf' ? this.#crfLoss(pass) : this.#softmaxLoss(pass);
    this.weight.weightGradient(dEmissions, y, positions);
    work.add('biasGradient', this.gradients.bias, dEmissions.pointer, pass.stride, positions, 0, this.shape.tags);
    this.weight.multiplyTransposed(dy, dEmissions, positions, false);
    work.join();
    return loss;
  }

  #softmaxLoss(pass: Pass): number {
    const { batch, memory, stride } = pass;
    const scale = Math.fround(1 / batch.tokens);
    const { tags } = this.shape;
    const { kernels, work } = this.runtime;
    for (const { begin, end } of cut(batch.positions, LANES, partsFor(work.threads))) {
      const [dEmissions, losses, emissions, gold] = [this.#dEmissions, this.#losses, this.#emissions, memory.tags].map(
        (at) => at + 4 * begin,
      );
      work.add('softmaxCrossEntropy', dEmissions!, losses!, emissions!, stride, gold!, tags, end - begin, scale);
    }
    work.join();
    return kernels.sumGathered(this.#losses, memory.listing, batch.tokens) / batch.tokens;
  }

  #crfLoss(pass: Pass): number {
    const { batch, memory, stride } = pass;
    const { tags } = this.shape;
    const { transitions, start, end } = this.parameters;
    const rowStride = roundUp(tags, 4);
    const scale = Math.fround(1 / batch.lengths.length);
    this.runtime.arena.f32(this.crfGradients.pointer, this.crfGradients.count).fill(0);
    this.runtime.arena.f32(this.#dEmissions, tags * stride).fill(0);
    let sum = 0;
    let first = 0;
    for (const length of batch.lengths) {
      const list = memory.listing + 4 * first;
      const gold = this.runtime.arena.i32(this.#tags, length);
      for (let t = 0; t < length; t++) gold[t] = batch.tags[batch.listing[first + t]!]!;
      this.runtime.kernels.gatherRows(this.#rows, rowStride, this.#emissions, stride, tags, list, length);
      sum += this.runtime.kernels.crfLoss(
        this.#dRows,
        this.gradients.transitions,
        this.gradients.start,
        this.gradients.end,
        this.#rows,
        transitions,
        start,
        end,
        this.#tags,
        length,
        tags,
        rowStride,
        scale,
        this.#scratch,
      );
      this.runtime.kernels.scatterRows(this.#dEmissions, stride, this.#dRows, rowStride, tags, list, length);
      first += length;
    }
    return sum / batch.lengths.length;
  }

  /**
   * After `forward`: the best tags of each sentence, in the order of the batch as given. With `scored` also their
   * probabilities: softmax, or the marginal p_t(j) of the CRF. Overwrites the emissions.
   */
  decode(pass: Pass, scored: boolean): Prediction[] {
    return this.shape.head === 'softmax' ? this.#argmax(pass, scored) : this.#viterbi(pass, scored);
  }

  #argmax({ batch, stride }: Pass, scored: boolean): Prediction[] {
    const { tags } = this.shape;
    const emissions = this.#emissions;
    this.runtime.kernels.argmax(this.#tags, emissions, stride, tags, batch.positions);
    if (scored) this.runtime.kernels.softmax(emissions, emissions, stride, tags, batch.positions);
    const best = this.runtime.arena.i32(this.#tags, batch.positions);
    const probabilities = this.runtime.arena.f32(emissions, tags * stride);
    const result = new Array<Prediction>(batch.lengths.length);
    batch.order.forEach((sentence, rank) => {
      const positions = Int32Array.from({ length: batch.lengths[rank]! }, (_, t) => batch.base[t]! + rank);
      const path = positions.map((position) => best[position]!);
      result[sentence] = {
        tags: path,
        probabilities: scored ? Float32Array.from(path, (tag, t) => probabilities[tag * stride + positions[t]!]!) : null,
      };
    });
    return result;
  }

  #viterbi({ batch, memory, stride }: Pass, scored: boolean): Prediction[] {
    const { tags } = this.shape;
    const { transitions, start, end } = this.parameters;
    const rowStride = roundUp(tags, 4);
    const rows = this.#rows;
    const result = new Array<Prediction>(batch.lengths.length);
    let first = 0;
    batch.lengths.forEach((length, rank) => {
      this.runtime.kernels.gatherRows(rows, rowStride, this.#emissions, stride, tags, memory.listing + 4 * first, length);
      this.runtime.kernels.crfViterbi(this.#tags, rows, transitions, start, end, length, tags, rowStride, this.#scratch);
      const path = this.runtime.arena.i32(this.#tags, length).slice();
      if (scored) this.runtime.kernels.crfMarginals(rows, rows, transitions, start, end, length, tags, rowStride, this.#scratch);
      const marginals = this.runtime.arena.f32(rows, length * rowStride);
      const probabilities = scored ? Float32Array.from(path, (tag, t) => marginals[t * rowStride + tag]!) : null;
      result[batch.order[rank]!] = { tags: path, probabilities };
      first += length;
    });
    return result;
  }
}
