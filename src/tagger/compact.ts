import { foldCase } from '../data/normalize.js';
import type { WordVectors } from '../data/sentence.js';
import { RESERVED_ROWS } from '../data/vocabulary.js';
import { ConfigError } from '../errors.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../io/canonical-json.js';
import type { ModelContents, ModelNetwork, NetworkTensor } from '../io/model-contents.js';
import { fingerprintOf } from '../io/model-file.js';
import { decodeRows, encodeRows } from '../io/tensor-encoding.js';
import { WORD_TABLE_NAME } from '../model/word-table.js';
import { hashVectors } from '../train/content-hashes.js';
import { networkShapeOf, storedConfig, tensorsOf } from './stored-network.js';

export interface CompactOptions {
  /** Most words that get a row, from 1; default: all of the model. Its own come first: those of train, the most frequent first. */
  readonly vocabulary?: number;
  /** The word vectors that the model began with, all of them; the most frequent of those words that it has not fill the vocabulary. */
  readonly vectors?: WordVectors | null;
}

/** What a compact model was made of: `results.compact` of its file. */
export interface CompactOrigin {
  /** Fingerprint of the model. */
  readonly source: string;
  /** Words of the model that it has, and words of vectors besides. */
  readonly words: number;
  readonly addedWords: number;
}

/** What a model was made of by `compactModel`; null where it was not, or does not say so. */
export function compactOrigin({ results }: ModelContents): CompactOrigin | null {
  const { source, words, addedWords } = objectAt(objectAt(results).compact);
  const isCount = (value: JsonValue | undefined): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  return typeof source === 'string' && isCount(words) && isCount(addedWords) ? { source, words, addedWords } : null;
}

const objectAt = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});

/**
 * A model for deployment: word rows of 8-bit numbers for a chosen vocabulary, of pruned tensors only the kept weights. It is a
 * model of its own, with its own fingerprint; `results.compact` says what it was made of. The rounding of word rows is all that
 * changes a score, besides the choice of words. Of a model that is compact already it makes what it would have made of its source.
 *
 * @throws {ConfigError} COMPACT_VOCABULARY; COMPACT_VECTORS when the vectors are not those that the model was trained with
 */
export function compactModel(contents: ModelContents, { vocabulary, vectors = null }: CompactOptions = {}): ModelContents {
  const { words: known } = contents.vocabulary;
  if (vocabulary !== undefined && !(Number.isInteger(vocabulary) && vocabulary >= 1))
    throw new ConfigError('COMPACT_VOCABULARY', `the vocabulary must be a whole number of words from 1; found ${vocabulary}`);
  if (vectors) requireSameVectors(contents, vectors);
  const own = known.slice(0, vocabulary);
  const added = vectors ? indicesOfNew(vectors, known, storedConfig(contents).model.lowercase, (vocabulary ?? 0) - own.length) : [];
  const origin = compactOrigin(contents) ?? { source: fingerprintOf(contents), words: known.length };
  const words = Math.min(own.length, origin.words);
  const addedWords = own.length - words + added.length;
  return {
    ...contents,
    vocabulary: { ...contents.vocabulary, words: [...own, ...added.map((index) => vectors!.words[index]!)] },
    networks: contents.networks.map((network) => compactNetwork(contents, network, own.length, vectors, added)),
    results: { ...objectAt(contents.results), compact: { source: origin.source, words, addedWords } },
  };
}

function requireSameVectors(contents: ModelContents, vectors: WordVectors): void {
  const { file } = storedConfig(contents).vectors;
  if (file === hashVectors(vectors)) return;
  const expected = file === null ? 'began without word vectors' : `began with those whose digest is ${file}`;
  throw new ConfigError('COMPACT_VECTORS', `these word vectors are not those of the model, which ${expected}; give the same file, or none`);
}

/** At most `count` vectors, in the order of their file, whose words can be looked up and are not in `known`. */
function indicesOfNew({ words }: WordVectors, known: readonly string[], lowercase: boolean, count: number): number[] {
  const taken = new Set(known);
  const isNew = (word: string): boolean => !taken.has(word) && !word.includes('\n') && (!lowercase || foldCase(word) === word);
  const found: number[] = [];
  for (let i = 0; i < words.length && found.length < count; i++) if (isNew(words[i]!)) found.push(i);
  return found;
}

function compactNetwork(
  contents: ModelContents,
  network: ModelNetwork,
  words: number,
  vectors: WordVectors | null,
  added: readonly number[],
): ModelNetwork {
  const tasks = contents.tasks.filter((task) => task.network === network.name);
  const isMasked = (tensor: string): boolean =>
    tasks.length > 0 && tasks.every(({ name }) => network.masks.some((mask) => mask.task === name && mask.tensor === tensor));
  const config = storedConfig(contents);
  const { wordDimension } = config.model;
  const stored = tensorsOf(network, networkShapeOf(contents, config, tasks));
  const tensors = network.tensors.map((tensor): NetworkTensor => {
    if (tensor.name !== WORD_TABLE_NAME) return isMasked(tensor.name) ? { ...tensor, encoding: 'kept' } : tensor;
    const table = stored.get(WORD_TABLE_NAME)!.values.subarray(0, (RESERVED_ROWS + words) * wordDimension);
    return wordTable(table, vectors, added, wordDimension);
  });
  return { ...network, tensors };
}

/** The rows of `table`, then those of vectors, rounded to 8 bits. */
function wordTable(table: Float32Array, vectors: WordVectors | null, added: readonly number[], columns: number): NetworkTensor {
  const values = new Float32Array(table.length + added.length * columns);
  values.set(table);
  added.forEach((index, i) => {
    values.set(vectors!.values.subarray(index * columns, (index + 1) * columns), table.length + i * columns);
  });
  return {
    name: WORD_TABLE_NAME,
    shape: [values.length / columns, columns],
    values: decodeRows(encodeRows(values, columns)),
    encoding: 'rows8',
  };
}
