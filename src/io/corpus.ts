import type { CorpusConfig } from '../config/config.js';
import type { Corpus, Split } from '../data/sentence.js';
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
export function makeCorpus(config: CorpusConfig, columns: readonly number[], texts: CorpusTexts): Corpus {
  const ascending = [...new Set(columns)].sort((a, b) => a - b);
  const read = ({ file, bytes }: CorpusText, role: string): Split => {
    const sentences = parseConllBytes(bytes, { file, tokenColumn: config.tokenColumn, columns: ascending });
    const split = { file, sentences };
    requireSentences(split, role);
    return split;
  };
  return {
    name: config.name,
    columns: ascending,
    train: read(texts.train, 'train'),
    dev: read(texts.dev, 'dev'),
    test: texts.test && read(texts.test, 'test'),
  };
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
