import type { ModelConfig } from '../config/config.js';
import type { Arena } from '../runtime/arena.js';
import type { KernelExports } from '../runtime/kernel-exports.js';
import { LANES, roundUp } from '../runtime/layout.js';
import { type BatchCapacity, strideFor } from './batch-memory.js';
import { type DropoutKeys, dropout } from './dropout.js';
import type { Activations, Matrix } from './matrix.js';
import { groupPositions } from './pack-batch.js';
import type { Pass } from './pass.js';
import { DROPOUT_STREAM } from './random-streams.js';

/** Addresses of the encoder's tensors in the plane of parameters and in that of gradients (0: none). */
export interface CharTensors {
  readonly table: number;
  readonly convBias: number;
  readonly linearBias: number;
}

/**
 * Character CNN over the distinct words of a batch (Ma & Hovy 2016): rows -> dropout -> windows -> filters -> ReLU ->
 * max over characters -> linear. Each word is computed once a batch; its tokens share the features, and their gradients
 * meet in sentence order.
 */
export class CharEncoder {
  #embedded = 0;
  #windows = 0;
  #filtered = 0;
  #pooled = 0;
  #argument = 0;
  #features = 0;
  #dFeatures = 0;
  #dPooled = 0;
  #listStart = 0;
  #list = 0;

  constructor(
    private readonly arena: Arena,
    private readonly kernels: KernelExports,
    private readonly model: ModelConfig,
    private readonly rows: number,
    private readonly parameters: CharTensors,
    private readonly gradients: CharTensors,
    private readonly conv: Matrix,
    private readonly linear: Matrix,
  ) {}

  plan(capacity: BatchCapacity, backward: boolean): void {
    const { charDimension, charWidth, charFilters, charOutput } = this.model;
    const characters = strideFor(capacity.characters);
    const words = strideFor(capacity.words);
    const take = (name: string, count: number): number => this.arena.allocateWords(`characters ${name}`, count);
    this.#embedded = take('embedded', charDimension * characters);
    this.#windows = take('windows', charDimension * charWidth * characters);
    this.#filtered = take('filtered', charFilters * characters);
    this.#pooled = take('pooled', charFilters * words);
    this.#argument = take('argument', charFilters * words);
    this.#features = take('features', charOutput * words);
    if (backward) {
      this.#dFeatures = take('feature gradients', charOutput * words);
      this.#dPooled = take('pooled gradients', charFilters * words);
      this.#listStart = take('row start', this.rows + 1);
      this.#list = take('row positions', capacity.characters);
    }
  }

  prepare(convMask: number, backward: boolean): void {
    this.conv.prepare(convMask, backward);
    this.linear.prepare(0, backward);
  }

  /** Writes charOutput features of every token to `x`. */
  forward(pass: Pass, x: Activations): void {
    const { charDimension, charWidth, charFilters, charOutput } = this.model;
    const { batch, memory } = pass;
    const { count } = batch.words;
    const padded = roundUp(batch.words.characters.length, LANES);
    const stride = strideFor(padded);
    const wordStride = strideFor(count);
    const wordColumns = roundUp(count, LANES);
    const embedded = { pointer: this.#embedded, stride };
    const windows = { pointer: this.#windows, stride };
    const filtered = { pointer: this.#filtered, stride };
    const pooled = { pointer: this.#pooled, stride: wordStride };
    const features = { pointer: this.#features, stride: wordStride };

    this.kernels.embeddingGather(embedded.pointer, stride, this.parameters.table, charDimension, memory.characters, padded);
    this.#dropEmbedded(pass, embedded, padded);
    this.kernels.charWindows(windows.pointer, embedded.pointer, stride, charDimension, charWidth, memory.characterStart, count, padded);
    this.conv.multiply(filtered, windows, padded, this.parameters.convBias);
    this.kernels.reluMaxPool(
      pooled.pointer,
      this.#argument,
      wordStride,
      filtered.pointer,
      stride,
      charFilters,
      memory.characterStart,
      count,
      wordColumns,
    );
    this.linear.multiply(features, pooled, wordColumns, this.parameters.linearBias);
    this.kernels.gatherPositions(x.pointer, x.stride, features.pointer, wordStride, charOutput, memory.wordIndex, batch.positions);
  }

  /** From the gradient `dx` of the tokens' character features to those of all tensors of the encoder. */
  backward(pass: Pass, dx: Activations): void {
    const { charDimension, charWidth, charFilters, charOutput } = this.model;
    const { batch, memory } = pass;
    const { count, characters } = batch.words;
    const padded = roundUp(characters.length, LANES);
    const stride = strideFor(padded);
    const wordStride = strideFor(count);
    const wordColumns = roundUp(count, LANES);
    const windows = { pointer: this.#windows, stride };
    const filtered = { pointer: this.#filtered, stride };
    const pooled = { pointer: this.#pooled, stride: wordStride };
    const dFeatures = { pointer: this.#dFeatures, stride: wordStride };
    const dPooled = { pointer: this.#dPooled, stride: wordStride };

    this.kernels.scatterPositions(
      dFeatures.pointer,
      wordStride,
      dx.pointer,
      dx.stride,
      charOutput,
      memory.wordStart,
      memory.wordPositions,
      count,
      wordColumns,
    );
    this.linear.weightGradient(dFeatures, pooled, wordColumns);
    this.kernels.biasGradient(this.gradients.linearBias, dFeatures.pointer, wordStride, wordColumns, 0, charOutput);
    this.linear.multiplyTransposed(dPooled, dFeatures, wordColumns, false);
    // From here the forward buffers are spent: the filters' output becomes its gradient, and so do windows and rows.
    this.kernels.reluMaxPoolBackward(filtered.pointer, stride, padded, dPooled.pointer, this.#argument, wordStride, charFilters, count);
    this.conv.weightGradient(filtered, windows, padded);
    this.kernels.biasGradient(this.gradients.convBias, filtered.pointer, stride, padded, 0, charFilters);
    this.conv.multiplyTransposed(windows, filtered, padded, false);
    const embedded = { pointer: this.#embedded, stride };
    this.kernels.charWindowsBackward(
      embedded.pointer,
      windows.pointer,
      stride,
      charDimension,
      charWidth,
      memory.characterStart,
      count,
      padded,
    );
    this.#dropEmbedded(pass, embedded, padded);
    this.#scatterRows(characters, embedded);
  }

  #dropEmbedded(pass: Pass, embedded: Activations, positions: number): void {
    const keys: DropoutKeys = { first: pass.memory.characterIndex, second: pass.memory.characterType };
    const { charEmbedding } = this.model.dropout;
    dropout(this.kernels, pass, embedded, this.model.charDimension, positions, DROPOUT_STREAM.charEmbedding, charEmbedding, keys);
  }

  /** Every row of the character table gets the sum over its occurrences, characters ascending; others exact +0. */
  #scatterRows(characters: Int32Array, dEmbedded: Activations): void {
    const { start, list } = groupPositions(this.rows, Uint32Array.from(characters.keys()), characters);
    this.arena.u32(this.#listStart, start.length).set(start);
    this.arena.u32(this.#list, list.length).set(list);
    this.kernels.embeddingScatter(
      this.gradients.table,
      this.model.charDimension,
      dEmbedded.pointer,
      dEmbedded.stride,
      this.#listStart,
      this.#list,
      this.rows,
    );
  }
}
