import type { CorpusConfig, LabelColumn } from '../config/config.js';
import type { Corpus, Sentence, Split } from '../data/sentence.js';
import { CorpusError } from '../errors.js';
import { parseConllBytes } from './conll.js';

/** A file's content with its name as the user gave it. */
export interface CorpusText {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** The files of one corpus; `test: null` when it has no test split. */
export interface CorpusTexts {
  readonly train: CorpusText;
  readonly dev: CorpusText;
  readonly test: CorpusText | null;
}

/**
 * The corpus that CoNLL column files hold.
 *
 * @param columns label columns that its tasks need, in any order
 * @throws {CorpusError} CORPUS_EMPTY_SPLIT; those of parseConllBytes
 */
export function makeCorpus(config: CorpusConfig, columns: readonly LabelColumn[], texts: CorpusTexts): Corpus {
  const ordered = orderColumns(columns);
  const read = (text: CorpusText, role: string): Split => {
    const split = { file: text.file, sentences: readSentences(text, config.tokenColumn, ordered) };
    requireSentences(split, role);
    return split;
  };
  return {
    name: config.name,
    columns: ordered,
    train: read(texts.train, 'train'),
    dev: read(texts.dev, 'dev'),
    test: texts.test && read(texts.test, 'test'),
  };
}

/** Each column once: numbers ascending, then what is made from the tokens. */
export function orderColumns(columns: readonly LabelColumn[]): LabelColumn[] {
  const place = (column: LabelColumn): number => (typeof column === 'number' ? column : Number.POSITIVE_INFINITY);
  return [...new Set(columns)].sort((a, b) => place(a) - place(b));
}

/**
 * Sentences of CoNLL columns with the labels of `columns`.
 *
 * @param columns as `orderColumns` gives them
 * @throws {CorpusError} those of parseConllBytes
 */
export function readSentences({ file, bytes }: CorpusText, tokenColumn: number, columns: readonly LabelColumn[]): Sentence[] {
  const inFile = columns.filter((column) => typeof column === 'number');
  const sentences = parseConllBytes(bytes, { file, tokenColumn, columns: inFile });
  if (inFile.length === columns.length) return sentences;
  return sentences.map((sentence) => ({ ...sentence, labels: [...sentence.labels, sentence.tokens.map((_, i) => `${i}`)] }));
}

/**
 * Says that a split has sentences.
 *
 * @param role what the split is for (train, dev, test), for the message
 * @throws {CorpusError} CORPUS_EMPTY_SPLIT
 */
export function requireSentences(split: Split, role: string): void {
  if (split.sentences.length > 0) return;
  const message = `the ${role} split has no sentence, expected at least one; check the path and that the file has one token a line`;
  throw new CorpusError('CORPUS_EMPTY_SPLIT', message, { file: split.file, line: 1, column: 1 });
}
