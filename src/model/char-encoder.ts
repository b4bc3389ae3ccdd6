import type { ModelConfig } from '../config/config.js';
import { LANES, roundUp } from '../runtime/layout.js';
import type { Runtime } from '../runtime/runtime.js';
import { type BatchCapacity, strideFor } from './batch-memory.js';
import { type DropoutKeys, dropout } from './dropout.js';
import { type Activations, at, type Matrix } from './matrix.js';
import { groupPositions } from './pack-batch.js';
import type { Pass } from './pass.js';
import { DROPOUT_STREAM } from './random-streams.js';
import { spread } from './ranges.js';
import { tiled } from './tiles.js';

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
  #tiles = 0;

  constructor(
    private readonly runtime: Runtime,
    private readonly model: ModelConfig,
    private readonly rows: number,
    private readonly parameters: CharTensors,
    private readonly gradients: CharTensors,
    private readonly conv: Matrix,
    private readonly linear: Matrix,
  ) {}

  /** @param tiles address of scratch for the tiles of the filters' products */
  plan(capacity: BatchCapacity, backward: boolean, tiles: number): void {
    this.#tiles = tiles;
    const { charDimension, charWidth, charFilters, charOutput } = this.model;
    const characters = strideFor(capacity.characters);
    const words = strideFor(capacity.words);
    const take = (name: string, count: number): number => this.runtime.arena.allocateWords(`characters ${name}`, count);
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

  /** Writes charOutput features of every token to `x`. */
  forward(pass: Pass, x: Activations): void {
    const { charDimension, charWidth, charFilters, charOutput } = this.model;
    const { batch, memory } = pass;
    const { work } = this.runtime;
    const { count, padded, wordColumns, embedded, windows, filtered, pooled } = this.#layout(pass);
    const features = { pointer: this.#features, stride: pooled.stride };
    const { stride } = embedded;

    spread(work, padded, LANES, (p, n) => {
      work.add('embeddingGather', at(embedded, 0, p), stride, this.parameters.table, charDimension, memory.characters + 4 * p, n);
    });
    this.#dropEmbedded(pass, embedded, padded);
    spread(work, charDimension, 1, (c, n) => {
      const window = at(windows, c * charWidth, 0);
      work.add('charWindows', window, at(embedded, c, 0), stride, n, charWidth, memory.characterStart, count, padded);
    });
    const tiledWindows = tiled(work, windows, charDimension * charWidth, padded, this.#tiles, [this.conv]);
    this.conv.multiply(filtered, tiledWindows, padded, this.parameters.convBias);
    work.join();
    spread(work, charFilters, 1, (f, n) => {
      const argument = this.#argument + 4 * f * pooled.stride;
      work.add(
        'reluMaxPool',
        at(pooled, f, 0),
        argument,
        pooled.stride,
        at(filtered, f, 0),
        stride,
        n,
        memory.characterStart,
        count,
        wordColumns,
      );
    });
    this.linear.multiply(features, pooled, wordColumns, this.parameters.linearBias);
    work.join();
    spread(work, batch.positions, LANES, (p, n) => {
      work.add('gatherPositions', at(x, 0, p), x.stride, features.pointer, features.stride, charOutput, memory.wordIndex + 4 * p, n);
    });
  }

  /** From the gradient `dx` of the tokens' character features to those of all tensors of the encoder. */
  backward(pass: Pass, dx: Activations): void {
    const { charDimension, charWidth, charFilters, charOutput } = this.model;
    const { memory } = pass;
    const { work } = this.runtime;
    const { count, padded, wordColumns, embedded, windows, filtered, pooled } = this.#layout(pass);
    const dFeatures = { pointer: this.#dFeatures, stride: pooled.stride };
    const dPooled = { pointer: this.#dPooled, stride: pooled.stride };
    const { stride } = embedded;
    const { wordStart, wordPositions, characterStart } = memory;

    spread(work, charOutput, 1, (f, n) => {
      const [to, from] = [at(dFeatures, f, 0), at(dx, f, 0)];
      work.add('scatterPositions', to, dFeatures.stride, from, dx.stride, n, wordStart, wordPositions, count, wordColumns);
    });
    this.linear.weightGradient(dFeatures, pooled, wordColumns);
    work.add('biasGradient', this.gradients.linearBias, dFeatures.pointer, dFeatures.stride, wordColumns, 0, charOutput);
    this.linear.multiplyTransposed(dPooled, dFeatures, wordColumns, false);
    work.join();
    // From here the forward buffers are spent: the filters' output becomes its gradient, and so do windows and rows.
    spread(work, charFilters, 1, (f, n) => {
      const argument = this.#argument + 4 * f * pooled.stride;
      work.add('reluMaxPoolBackward', at(filtered, f, 0), stride, padded, at(dPooled, f, 0), argument, dPooled.stride, n, count);
    });
    this.conv.weightGradient(filtered, windows, padded);
    work.add('biasGradient', this.gradients.convBias, filtered.pointer, stride, padded, 0, charFilters);
    work.join();
    this.conv.multiplyTransposed(windows, tiled(work, filtered, charFilters, padded, this.#tiles, [this.conv]), padded, false);
    work.join();
    spread(work, charDimension, 1, (c, n) => {
      const dWindow = at(windows, c * charWidth, 0);
      work.add('charWindowsBackward', at(embedded, c, 0), dWindow, stride, n, charWidth, characterStart, count, padded);
    });
    this.#dropEmbedded(pass, embedded, padded);
    this.#scatterRows(pass.batch.words.characters, embedded);
  }

  /** Where the activations of a batch lie, and how many columns they have. */
  #layout({ batch }: Pass) {
    const { count, characters } = batch.words;
    const padded = roundUp(characters.length, LANES);
    const stride = strideFor(padded);
    return {
      count,
      padded,
      wordColumns: roundUp(count, LANES),
      embedded: { pointer: this.#embedded, stride },
      windows: { pointer: this.#windows, stride },
      filtered: { pointer: this.#filtered, stride },
      pooled: { pointer: this.#pooled, stride: strideFor(count) },
    };
  }

  #dropEmbedded(pass: Pass, embedded: Activations, positions: number): void {
    const keys: DropoutKeys = { first: pass.memory.characterIndex, second: pass.memory.characterType };
    const { charEmbedding } = this.model.dropout;
    dropout(this.runtime.work, pass, embedded, this.model.charDimension, positions, DROPOUT_STREAM.charEmbedding, charEmbedding, keys);
  }

  /** Every row of the character table gets the sum over its occurrences, characters ascending; others exact +0. */
  #scatterRows(characters: Int32Array, dEmbedded: Activations): void {
    const { start, list } = groupPositions(this.rows, Uint32Array.from(characters.keys()), characters);
    this.runtime.arena.u32(this.#listStart, start.length).set(start);
    this.runtime.arena.u32(this.#list, list.length).set(list);
    const { work } = this.runtime;
    const { charDimension } = this.model;
    spread(work, this.rows, 1, (row, n) => {
      const dRows = this.gradients.table + 4 * row * charDimension;
      work.add('embeddingScatter', dRows, charDimension, dEmbedded.pointer, dEmbedded.stride, this.#listStart + 4 * row, this.#list, n);
    });
  }
}
