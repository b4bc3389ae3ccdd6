import type { WordVectors } from '../data/sentence.js';
import { PAD_ROW, UNKNOWN_ROW, type WordVocabulary } from '../data/vocabulary.js';
import { ConfigError } from '../errors.js';
import type { Network } from '../model/network.js';
import { type Parameter, writeTensor } from '../model/parameters.js';
import { INITIAL_STREAM, type RandomKey, WORD_TABLE_STREAM } from '../model/random-streams.js';
import type { Runtime } from '../runtime/runtime.js';

const FORGET_BIAS = 2;

/**
 * Fills a network with its initial values, a function of the key, the shapes and the word vectors.
 *
 * Word rows: the vector of the word if there is one; else a copy of the vectors' `<unk>` if they have one; else
 * U(+-sqrt(3 / dimension)). The unknown row is the vectors' `<unk>` or zero; the pad rows of words and characters are zero.
 * @throws {ConfigError} CONFIG_VECTOR_DIMENSION
 */
export function initialise(runtime: Runtime, network: Network, words: WordVocabulary, vectors: WordVectors | null, key: RandomKey): void {
  network.table.parameters.forEach((parameter, index) => {
    fillParameter(runtime, network.parameters, network.table.size, parameter, key, INITIAL_STREAM + index);
  });
  const characters = network.table.parameters.find(({ name }) => name === 'char.table');
  if (characters)
    runtime.arena.f32(network.parameters + 4 * (characters.offset + PAD_ROW * characters.rowStride), characters.rowStride).fill(0);
  fillWordTable(runtime, network, words, vectors, key);
}

function fillParameter(runtime: Runtime, plane: number, planeSize: number, parameter: Parameter, key: RandomKey, stream: number): void {
  const { arena, kernels } = runtime;
  const { initialiser, size } = parameter;
  const pointer = plane + 4 * parameter.offset;
  switch (initialiser.kind) {
    case 'constant':
      arena.f32(pointer, size).fill(initialiser.value);
      break;
    case 'lstm-bias': {
      const hidden = size / 4;
      arena
        .f32(pointer, size)
        .fill(0)
        .fill(FORGET_BIAS, hidden, 2 * hidden);
      break;
    }
    case 'uniform':
      kernels.fillUniform(pointer, size, -initialiser.bound, initialiser.bound, key.seed, key.phase, stream);
      break;
    case 'normal':
      kernels.fillNormal(pointer, size, initialiser.deviation, key.seed, key.phase, stream);
      break;
  }
  // Values are drawn row after row; a tensor with padded rows is spread to them.
  if (parameter.rowStride !== parameter.shape.at(-1)) writeTensor(arena.f32(plane, planeSize), parameter, arena.f32(pointer, size).slice());
}

function fillWordTable(runtime: Runtime, network: Network, words: WordVocabulary, vectors: WordVectors | null, key: RandomKey): void {
  const { rows, dimension, values } = network.words;
  const bound = Math.sqrt(3 / dimension);
  runtime.kernels.fillUniform(values, rows * dimension, -bound, bound, key.seed, key.phase, WORD_TABLE_STREAM);
  const table = runtime.arena.f32(values, rows * dimension);
  table.fill(0, 0, (UNKNOWN_ROW + 1) * dimension);
  if (!vectors) return;
  if (vectors.dimension !== dimension) {
    throw new ConfigError(
      'CONFIG_VECTOR_DIMENSION',
      `the word vectors have ${vectors.dimension} dimensions, model.wordDimension is ${dimension}; set it to ${vectors.dimension} or use other vectors`,
    );
  }
  const vector = (index: number): Float32Array => vectors.values.subarray(index * dimension, (index + 1) * dimension);
  const unknown = vectors.words.indexOf('<unk>');
  if (unknown >= 0) table.set(vector(unknown), UNKNOWN_ROW * dimension);
  for (let row = UNKNOWN_ROW + 1; row < rows; row++) {
    const index = words.vectorOf[row]!;
    if (index >= 0) table.set(vector(index), row * dimension);
    else if (unknown >= 0) table.set(vector(unknown), row * dimension);
  }
}
