import type { TaskConfig } from '../config/config.js';
import { ConfigError, CorpusError, SparseTagError, type TextPosition } from '../errors.js';
import { charactersOf, foldCase } from './normalize.js';
import type { Corpus, Sentence, Split, WordVectors } from './sentence.js';
import { checkLabels, convertLabels, labelsOfType, OUTSIDE, typeOfLabel } from './tag-scheme.js';

/** Row of padding in the word and character tables: zero and frozen. */
export const PAD_ROW = 0;

/** Row of words and characters that have no row of their own. */
export const UNKNOWN_ROW = 1;

/** Rows before the first item's in the word and character tables. */
export const RESERVED_ROWS = 2;

/** Distinct strings with their numbers: item i has number `reserved + i`. The numbers before name no string. */
export class Vocabulary {
  readonly #ids = new Map<string, number>();

  /** @throws {SparseTagError} VOCABULARY_DUPLICATE */
  constructor(
    readonly items: readonly string[],
    readonly reserved = 0,
  ) {
    for (const [i, item] of items.entries()) {
      if (this.#ids.has(item)) {
        throw new SparseTagError('VOCABULARY_DUPLICATE', `${JSON.stringify(item)} is in the vocabulary twice, expected once`);
      }
      this.#ids.set(item, reserved + i);
    }
  }

  /** How many numbers there are, the reserved ones included. */
  get size(): number {
    return this.reserved + this.items.length;
  }

  /** The number of an item, or undefined when it has none. */
  idOf(item: string): number | undefined {
    return this.#ids.get(item);
  }

  /** The item of a number, or undefined for a reserved number and one out of range. */
  itemOf(id: number): string | undefined {
    return this.items[id - this.reserved];
  }
}

/** A vocabulary of words and characters read back from a model file: rows 0 and 1 are padding and unknown. */
export function tableVocabulary(items: readonly string[]): Vocabulary {
  return new Vocabulary(items, RESERVED_ROWS);
}

export interface WordVocabularyOptions {
  readonly corpora: readonly Corpus[];
  /** All case variants of a word share one row. */
  readonly lowercase: boolean;
  readonly vectors: WordVectors | null;
  /** Also give a row to words that only dev and test have, when they have a vector. */
  readonly extend: boolean;
}

export interface WordVocabulary {
  readonly vocabulary: Vocabulary;
  /** Words of train: the rows after those have come by `extend`. */
  readonly trainWords: number;
  /** `vectorOf[row]`: index of the row's word in the word vectors, or -1. */
  readonly vectorOf: Int32Array;
}

/**
 * Rows of the word table: padding, unknown, the words of train of all corpora, then those of dev and test that
 * `extend` adds; within each part by count descending, then by code units.
 */
export function buildWordVocabulary({ corpora, lowercase, vectors, extend }: WordVocabularyOptions): WordVocabulary {
  const keyOf = lowercase ? foldCase : (token: string) => token;
  const indexOfVector = new Map<string, number>();
  for (const [i, word] of (vectors?.words ?? []).entries()) if (!indexOfVector.has(word)) indexOfVector.set(word, i);

  const train = new Counter();
  for (const corpus of corpora) countTokens(train, corpus.train, keyOf);
  const added = new Counter();
  if (extend) {
    for (const corpus of corpora) for (const split of [corpus.dev, corpus.test]) if (split) countTokens(added, split, keyOf);
  }
  const trainWords = train.ordered();
  const addedWords = added.ordered().filter((word) => !train.has(word) && indexOfVector.has(word));

  const vocabulary = tableVocabulary([...trainWords, ...addedWords]);
  const vectorOf = new Int32Array(vocabulary.size).fill(-1);
  for (const [i, word] of vocabulary.items.entries()) vectorOf[RESERVED_ROWS + i] = indexOfVector.get(word) ?? -1;
  return { vocabulary, trainWords: trainWords.length, vectorOf };
}

export interface CharacterVocabularyOptions {
  readonly corpora: readonly Corpus[];
  /** Characters that occur less often among the word types of train have no row. */
  readonly minimumCount: number;
}

/**
 * Rows of the character table: padding, unknown, then the characters of the word types of train (each distinct token in
 * its own case counts once, over all corpora), by count descending, then by code units.
 */
export function buildCharacterVocabulary({ corpora, minimumCount }: CharacterVocabularyOptions): Vocabulary {
  const types = new Set<string>();
  for (const corpus of corpora) for (const { tokens } of corpus.train.sentences) for (const token of tokens) types.add(token);
  const counter = new Counter();
  for (const type of types) for (const character of charactersOf(type)) counter.add(character);
  return tableVocabulary(counter.ordered().filter((character) => counter.countOf(character) >= minimumCount));
}

/**
 * A sentence's labels for a task as the model learns them: those of the task's column, spans converted to the model scheme.
 *
 * @throws {ConfigError} CONFIG_COLUMN when the corpus was read without the task's column
 * @throws {CorpusError} CORPUS_LABEL_NOT_IN_SCHEME
 */
export function tagsOf(task: TaskConfig, corpus: Corpus, sentence: Sentence): readonly string[] {
  const labels = sentence.labels[columnIndex(task, corpus)]!;
  return task.type === 'spans' ? convertLabels(labels, task.scheme, task.modelScheme) : labels;
}

/**
 * The tags of a task, in the scheme that the model learns: `O` first if there, then by count in train descending, then
 * by code units. For spans every type of train has all its tags, whether or not train shows each, and `O` is always there.
 *
 * @throws {ConfigError} CONFIG_COLUMN
 * @throws {CorpusError} CORPUS_UNKNOWN_SCHEME, CORPUS_LABEL_NOT_IN_SCHEME; CORPUS_LABEL_NOT_IN_TRAIN when dev or test has a
 * label, or a span type, that train has not
 */
export function buildTagSet(task: TaskConfig, corpus: Corpus): Vocabulary {
  const column = columnIndex(task, corpus);
  const heldOut = corpus.test ? [corpus.dev, corpus.test] : [corpus.dev];
  if (task.type === 'spans') {
    for (const split of [corpus.train, ...heldOut]) {
      for (const sentence of split.sentences) {
        checkLabels(sentence.labels[column]!, task.scheme, (i) => labelPosition(split, sentence, column, i));
      }
    }
  }
  const counter = new Counter();
  for (const sentence of corpus.train.sentences) for (const tag of tagsOf(task, corpus, sentence)) counter.add(tag);
  if (task.type === 'spans') closeOverTypes(counter, task.modelScheme);
  // Places are known without looking at labels: the longest sentence decides how many there are.
  if (task.column === '@position')
    for (const split of heldOut) for (const { tokens } of split.sentences) for (const i of tokens.keys()) counter.add(`${i}`, 0);

  const types = new Set(counter.ordered().map(typeOfLabel));
  const isKnown = task.type === 'spans' ? (label: string) => types.has(typeOfLabel(label)) : (label: string) => counter.has(label);
  for (const split of heldOut) requireKnown(task, corpus.train.file, split, column, isKnown);

  const ordered = counter.ordered();
  return new Vocabulary(counter.has(OUTSIDE) ? [OUTSIDE, ...ordered.filter((tag) => tag !== OUTSIDE)] : ordered);
}

/** Where label i of a sentence stands in its file; column 1 when the sentence does not know. */
export function labelPosition(split: Split, sentence: Sentence, column: number, i: number): TextPosition {
  return { file: split.file, line: sentence.lines?.[i] ?? sentence.line + i, column: sentence.starts?.[column]?.[i] ?? 1 };
}

function columnIndex(task: TaskConfig, corpus: Corpus): number {
  const index = corpus.columns.indexOf(task.column);
  if (index >= 0) return index;
  const message = `task ${task.name} needs column ${task.column}, but corpus ${corpus.name} was read with columns ${corpus.columns.join(', ')}`;
  throw new ConfigError('CONFIG_COLUMN', message);
}

function closeOverTypes(counter: Counter, scheme: TaskConfig['modelScheme']): void {
  counter.add(OUTSIDE, 0);
  const types = new Set(counter.ordered().map(typeOfLabel));
  types.delete('');
  for (const type of types) for (const tag of labelsOfType(type, scheme)) counter.add(tag, 0);
}

function requireKnown(task: TaskConfig, trainFile: string, split: Split, column: number, isKnown: (label: string) => boolean): void {
  for (const sentence of split.sentences) {
    for (const [i, label] of sentence.labels[column]!.entries()) {
      if (isKnown(label)) continue;
      const what = task.type === 'spans' ? `span type ${JSON.stringify(typeOfLabel(label))}` : `label ${JSON.stringify(label)}`;
      const message =
        `${what} of task ${task.name} does not occur in ${trainFile}, so no model can learn it; ` +
        'correct the label, or add sentences that have it to train';
      throw new CorpusError('CORPUS_LABEL_NOT_IN_TRAIN', message, labelPosition(split, sentence, column, i));
    }
  }
}

function countTokens(counter: Counter, split: Split, keyOf: (token: string) => string): void {
  for (const { tokens } of split.sentences) for (const token of tokens) counter.add(keyOf(token));
}

/** Counts strings and lists them in a total order. */
class Counter {
  readonly #counts = new Map<string, number>();

  add(item: string, count = 1): void {
    this.#counts.set(item, (this.#counts.get(item) ?? 0) + count);
  }

  has(item: string): boolean {
    return this.#counts.has(item);
  }

  countOf(item: string): number {
    return this.#counts.get(item) ?? 0;
  }

  /** By count descending, then by code units. */
  ordered(): string[] {
    const byCount = ([a, m]: [string, number], [b, n]: [string, number]) => n - m || (a < b ? -1 : a > b ? 1 : 0);
    return [...this.#counts].sort(byCount).map(([item]) => item);
  }
}
