import type { CorpusConfig, CorpusFormat, LabelColumn } from '../config/config.js';
import type { Corpus, Sentence, Split } from '../data/sentence.js';
import { CorpusError } from '../errors.js';
import { compareCodeUnits } from './canonical-json.js';
import { parseConllBytes } from './conll.js';
import { conlluLabels, parseConlluBytes } from './conllu.js';
import { jsonLabels, parseJsonLinesBytes } from './json-lines.js';

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
 * The corpus that files hold, in any of the formats.
 *
 * @param columns label columns that its tasks need, in any order
 * @throws {CorpusError} CORPUS_EMPTY_SPLIT; those of readSentences
 */
export function makeCorpus(config: CorpusConfig, columns: readonly LabelColumn[], texts: CorpusTexts): Corpus {
  const ordered = orderColumns(columns);
  const read = (text: CorpusText, role: string): Split => {
    const split = { file: text.file, sentences: readSentences(text, config, ordered) };
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

/** Each column once: numbers ascending, then names by code units; what is made from the tokens comes last. */
export function orderColumns(columns: readonly LabelColumn[]): LabelColumn[] {
  const place = (column: LabelColumn): number => (typeof column === 'number' ? column : column === POSITION ? 257 : 256);
  return [...new Set(columns)].sort((a, b) => place(a) - place(b) || compareCodeUnits(`${a}`, `${b}`));
}

/** How a file is read: its format and, for CoNLL columns, where its tokens are. */
export type ReadingPlan = Pick<CorpusConfig, 'format' | 'tokenColumn'>;

const POSITION = '@position';

/** Names of the columns after the token of the shared tasks' files. */
const PRESETS: Readonly<Partial<Record<CorpusFormat, readonly string[]>>> = {
  conll2000: ['token', 'pos', 'chunk'],
  conll2003: ['token', 'pos', 'chunk', 'ner'],
};

/** The format of a file: what is said, or what the end of its name says. */
export function formatOfFile(format: CorpusFormat, file: string): Exclude<CorpusFormat, 'auto'> {
  if (format !== 'auto') return format;
  if (/\.conllu$/.test(file)) return 'conllu';
  return /\.(jsonl|ndjson)$/.test(file) ? 'jsonl' : 'conll';
}

/**
 * Sentences of a file with the labels of `columns`.
 *
 * @param columns as `orderColumns` gives them
 * @throws {CorpusError} CORPUS_COLUMN_NAME for a name that the format has not; those of the format's reader
 */
export function readSentences({ file, bytes }: CorpusText, plan: ReadingPlan, columns: readonly LabelColumn[]): Sentence[] {
  const inFile = columns.filter((column) => column !== POSITION);
  const sentences = readFormat(formatOfFile(plan.format, file), file, bytes, plan.tokenColumn, inFile);
  if (inFile.length === columns.length) return sentences;
  return sentences.map((sentence) => ({ ...sentence, labels: [...sentence.labels, sentence.tokens.map((_, i) => `${i}`)] }));
}

function readFormat(
  format: Exclude<CorpusFormat, 'auto'>,
  file: string,
  bytes: Uint8Array,
  tokenColumn: number,
  columns: readonly LabelColumn[],
): Sentence[] {
  if (format === 'conllu') return parseConlluBytes(bytes, file).map((sentence) => conlluLabels(sentence, columns, file));
  if (format === 'jsonl') return parseJsonLinesBytes(bytes, file).map((sentence) => jsonLabels(sentence, columns, file));
  const names = PRESETS[format] ?? [];
  const numbers = columns.map((column) => (typeof column === 'number' ? column : names.indexOf(column)));
  const unknown = numbers.indexOf(-1);
  if (unknown >= 0) {
    const advice =
      names.length > 0
        ? `${format} has ${names.join(', ')}`
        : 'CoNLL columns have numbers, from 0; formats with names are conll2000, conll2003, conllu and jsonl';
    throw new CorpusError('CORPUS_COLUMN_NAME', `there is no column named ${columns[unknown]}; ${advice}`, { file, line: 1, column: 1 });
  }
  // The reader wants its columns ascending.
  const ascending = [...new Set(numbers)].sort((a, b) => a - b);
  const sentences = parseConllBytes(bytes, { file, tokenColumn, columns: ascending });
  if (numbers.every((column, i) => column === ascending[i])) return sentences;
  const order = numbers.map((column) => ascending.indexOf(column));
  return sentences.map((sentence) => ({
    ...sentence,
    labels: order.map((from) => sentence.labels[from]!),
    ...(sentence.starts && { starts: order.map((from) => sentence.starts![from]!) }),
  }));
}

/**
 * Says that a split has sentences.
 *
 * @param role what the split is for (train, dev, test), for the message
 * @throws {CorpusError} CORPUS_EMPTY_SPLIT
 */
function requireSentences(split: Split, role: string): void {
  if (split.sentences.length > 0) return;
  const message = `the ${role} split has no sentence, expected at least one; check the path and that the file has one token a line`;
  throw new CorpusError('CORPUS_EMPTY_SPLIT', message, { file: split.file, line: 1, column: 1 });
}
