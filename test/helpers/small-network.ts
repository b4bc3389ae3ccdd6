// Small networks over made-up words, with weights that are random and the same on every build.
import type { ModelConfig } from '../../src/config/config.js';
import type { EncodedSentence, WordType } from '../../src/data/encode.js';
import { Network, type NetworkShape } from '../../src/model/network.js';
import type { HeadShape, Parameter } from '../../src/model/parameters.js';
import { createRuntime, type KernelBuild, type Runtime } from '../../src/runtime/runtime.js';
import { testNumbers } from '../kernels/harness.js';

export const NO_DROPOUT: ModelConfig['dropout'] = { word: 0, charEmbedding: 0, charOutput: 0, output: 0 };

/** Sizes that are no multiples of four, so that every tail is there. */
export const SMALL_MODEL: ModelConfig = {
  wordDimension: 5,
  lowercase: true,
  charDimension: 3,
  charFilters: 6,
  charWidth: 3,
  charOutput: 2,
  minimumCharCount: 1,
  layers: 2,
  hidden: 3,
  dropout: NO_DROPOUT,
  wordDropout: 0,
};

export const SOFTMAX_HEAD: HeadShape = { name: 'plain', tags: 5, head: 'softmax', startEnd: false };
export const CRF_HEAD: HeadShape = { name: 'chain', tags: 3, head: 'crf', startEnd: false };
export const BOUNDED_CRF_HEAD: HeadShape = { name: 'bounded', tags: 5, head: 'crf', startEnd: true };

export const WORD_ROWS = 9;
export const CHARACTER_ROWS = 7;

/** A network of small tables with `tasks` heads. */
export function smallShape(model: Partial<ModelConfig>, tasks: readonly HeadShape[]): NetworkShape {
  return { model: { ...SMALL_MODEL, ...model }, words: WORD_ROWS, characters: CHARACTER_ROWS, tasks };
}

/** 0 .. sides - 1 from numbers in [-1, 1). */
function roll(next: () => number, sides: number): number {
  return Math.floor(((next() + 1) / 2) * sides);
}

/** Word types of 1 to 6 characters; rows of both tables from 1 on, some shared by several types. */
export function smallTypes(count: number, seed: number): WordType[] {
  const next = testNumbers(seed);
  return Array.from({ length: count }, () => ({
    row: 1 + roll(next, WORD_ROWS - 1),
    characters: Int32Array.from({ length: 1 + roll(next, 6) }, () => 1 + roll(next, CHARACTER_ROWS - 1)),
  }));
}

/** Sentences of given lengths over `types`, tagged with 0 .. tags - 1. */
export function smallSentences(lengths: readonly number[], types: number, tags: number, seed: number): EncodedSentence[] {
  const next = testNumbers(seed);
  return lengths.map((length) => ({
    types: Int32Array.from({ length }, () => roll(next, types)),
    tags: Int32Array.from({ length }, () => roll(next, tags)),
  }));
}

export interface SmallNetwork {
  readonly runtime: Runtime;
  readonly network: Network;
}

/** A network on a build, every weight and word row (but the pad) a number in [-scale, scale). */
export async function openNetwork(
  shape: NetworkShape,
  options: { readonly build?: KernelBuild; readonly seed?: number; readonly scale?: number; readonly training?: boolean } = {},
): Promise<SmallNetwork> {
  const { build = 'simd', seed = 1, scale = 1, training = true } = options;
  const runtime = await createRuntime({ build });
  const network = new Network(runtime, shape, training);
  fillNetwork(runtime, network, seed, scale);
  return { runtime, network };
}

export function fillNetwork(runtime: Runtime, network: Network, seed: number, scale: number): void {
  const next = testNumbers(seed);
  for (const parameter of network.table.parameters) {
    writeParameter(
      runtime,
      network.parameters,
      parameter,
      Array.from({ length: parameter.size }, () => Math.fround(scale * next())),
    );
  }
  const { rows, dimension, values } = network.words;
  const table = runtime.arena.f32(values, rows * dimension);
  for (let i = dimension; i < table.length; i++) table[i] = scale * next();
}

/** The values of one parameter in a plane, row after row without padding. */
export function readParameter(runtime: Runtime, plane: number, { offset, size, shape, rowStride }: Parameter): number[] {
  const columns = shape.at(-1)!;
  const rows = size / columns;
  const stride = rowStride === columns ? columns : rowStride;
  const values = runtime.arena.f32(plane + 4 * offset, rows * stride);
  return Array.from({ length: size }, (_, i) => values[Math.floor(i / columns) * stride + (i % columns)]!);
}

/** The inverse of {@link readParameter}. */
export function writeParameter(
  runtime: Runtime,
  plane: number,
  { offset, size, shape, rowStride }: Parameter,
  values: ArrayLike<number>,
): void {
  const columns = shape.at(-1)!;
  const target = runtime.arena.f32(plane + 4 * offset, (size / columns) * rowStride);
  for (let i = 0; i < size; i++) target[Math.floor(i / columns) * rowStride + (i % columns)] = values[i]!;
}

/** Rows of the word table. */
export function readWords({ runtime, network }: SmallNetwork): number[][] {
  const { rows, dimension, values } = network.words;
  const table = runtime.arena.f32(values, rows * dimension);
  return Array.from({ length: rows }, (_, row) => [...table.subarray(row * dimension, (row + 1) * dimension)]);
}

/** The gradient of the word table: of the rows that the last batch touched, 0 elsewhere. */
export function readWordGradients({ runtime, network }: SmallNetwork): number[][] {
  const { rows, dimension, touched } = network.words;
  const table = Array.from({ length: rows }, () => new Array<number>(dimension).fill(0));
  touched.forEach((row, i) => {
    table[row] = [...runtime.arena.f32(network.words.gradients + 4 * i * dimension, dimension)];
  });
  return table;
}
