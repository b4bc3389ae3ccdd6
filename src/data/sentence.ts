import type { LabelColumn } from '../config/config.js';

/** One sentence: its tokens and, for each label column of its corpus, one label a token. */
export interface Sentence {
  readonly tokens: readonly string[];
  /** `labels[c][i]` is the label of token i in label column c, in the order of `Corpus.columns`. */
  readonly labels: readonly (readonly string[])[];
  /** Line of the first token in its file, from 1; 0 when it came from elsewhere. */
  readonly line: number;
  /** Line of each token, where they do not follow one another from `line`. */
  readonly lines?: Uint32Array;
  /** `starts[c][i]`: where in its line label `labels[c][i]` begins, in UTF-16 code units from 1; for messages. */
  readonly starts?: readonly Uint32Array[];
}

/** One part of a corpus. */
export interface Split {
  /** File name as the user gave it, for messages. */
  readonly file: string;
  readonly sentences: readonly Sentence[];
}

/** Sentences of one source with one or more label columns. */
export interface Corpus {
  readonly name: string;
  /** What `Sentence.labels` holds: columns of the file, ascending, then `@position` if a task asks for it. */
  readonly columns: readonly LabelColumn[];
  readonly train: Split;
  readonly dev: Split;
  readonly test: Split | null;
}

/** Word vectors in order of the file (most frequent words first, by custom). */
export interface WordVectors {
  readonly words: readonly string[];
  readonly dimension: number;
  /** `values[i * dimension + k]`, f32. */
  readonly values: Float32Array;
}
