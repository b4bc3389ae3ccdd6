import type { Sentence } from '../data/sentence.js';
import { CorpusError, type TextPosition } from '../errors.js';
import { MAXIMUM_COLUMNS, MAXIMUM_LINE_LENGTH, MAXIMUM_SENTENCE_LENGTH, MAXIMUM_SENTENCE_TOKENS, MAXIMUM_TOKEN_LENGTH } from './limits.js';
import { LineReader } from './line-reader.js';
import { decodeUtf8Pieces, decodeUtf8Stream } from './utf8.js';

/** Distinct strings remembered while reading, so that equal tokens and labels are one string in memory. */
const MAXIMUM_INTERNED = 65_536;

/** First field of a line that is no token but the start of a document. */
const DOCUMENT_START = '-DOCSTART-';

/** What separates columns. */
export type ConllSeparator = '\t' | ' ';

export interface ConllOptions {
  /** File name for messages. */
  readonly file: string;
  /** Column of the token, from 0. */
  readonly tokenColumn: number;
  /** Columns of the labels, from 0, ascending; empty: tokens only. */
  readonly columns: readonly number[];
}

/** A sentence with all its columns, for writing it again with more of them. */
export interface ConllSentence extends Sentence {
  /** `rows[i]` holds the fields of token i's line. */
  readonly rows: readonly (readonly string[])[];
  /** A tab if any row has one. */
  readonly separator: ConllSeparator;
}

/** A sentence being read. */
interface Draft {
  readonly tokens: string[];
  readonly labels: string[][];
  readonly starts: number[][];
  readonly rows: (readonly string[])[];
  readonly line: number;
  separator: ConllSeparator;
  /** UTF-16 code units of its lines, ends counted. */
  length: number;
}

/** The fields of a line and where each begins (UTF-16 code units from 0). */
interface Fields {
  readonly values: string[];
  readonly starts: number[];
  readonly separator: ConllSeparator;
}

function toSentence(draft: Draft): Sentence {
  return { tokens: draft.tokens, labels: draft.labels, line: draft.line, starts: draft.starts.map((s) => Uint32Array.from(s)) };
}

function toConllSentence(draft: Draft): ConllSentence {
  return { ...toSentence(draft), rows: draft.rows, separator: draft.separator };
}

/** Fields of a line: between tabs if it has one, else between runs of spaces. A blank line has none. */
function splitFields(line: string): Fields {
  const values: string[] = [];
  const starts: number[] = [];
  const isTabbed = line.includes('\t');
  let begin = 0;
  while (begin <= line.length) {
    let end = line.indexOf(isTabbed ? '\t' : ' ', begin);
    if (end < 0) end = line.length;
    let from = begin;
    let to = end;
    while (from < to && line.charCodeAt(from) === 32) from++;
    while (to > from && line.charCodeAt(to - 1) === 32) to--;
    if (isTabbed || to > from) {
      values.push(line.slice(from, to));
      starts.push(from);
    }
    begin = end + 1;
  }
  const isBlank = isTabbed && values.every((value) => value === '');
  return isBlank ? { values: [], starts: [], separator: ' ' } : { values, starts, separator: isTabbed ? '\t' : ' ' };
}

/** Takes text piece by piece and gives sentences as they end. */
class ConllParser<S> {
  readonly #interned = new Map<string, string>();
  readonly #neededColumns: number;
  readonly #wanted: readonly number[];
  readonly #lines = new LineReader(MAXIMUM_LINE_LENGTH, (line, start) => this.#tooLong(line, start));
  #line = 0;
  #firstRow: { readonly columns: number; readonly line: number } | null = null;
  #draft: Draft | null = null;

  constructor(
    readonly options: ConllOptions,
    readonly make: (draft: Draft) => S,
    readonly keepsRows: boolean,
  ) {
    this.#wanted = [options.tokenColumn, ...options.columns];
    this.#neededColumns = 1 + Math.max(...this.#wanted);
  }

  /** Sentences that end within `text`. */
  *push(text: string): Generator<S> {
    for (const line of this.#lines.push(text)) yield* this.#takeLine(line);
  }

  /** The last sentence, if no blank line ended it. */
  *finish(): Generator<S> {
    for (const line of this.#lines.finish()) yield* this.#takeLine(line);
    yield* this.#endSentence();
  }

  *#takeLine(line: string): Generator<S> {
    this.#line++;
    const fields = splitFields(line);
    if (fields.values.length === 0 || fields.values[0] === DOCUMENT_START) {
      yield* this.#endSentence();
      return;
    }
    this.#check(line, fields);
    this.#draft ??= {
      tokens: [],
      labels: this.options.columns.map(() => []),
      starts: this.options.columns.map(() => []),
      rows: [],
      line: this.#line,
      separator: fields.separator,
      length: 0,
    };
    const draft = this.#draft;
    if (fields.separator === '\t') draft.separator = '\t';
    draft.length += line.length + 1;
    this.#requireRoom(draft);
    draft.tokens.push(this.#intern(fields.values[this.options.tokenColumn]!));
    for (const [c, column] of this.options.columns.entries()) {
      draft.labels[c]!.push(this.#intern(fields.values[column]!));
      draft.starts[c]!.push(fields.starts[column]! + 1);
    }
    if (this.keepsRows) draft.rows.push(fields.values);
  }

  #requireRoom({ tokens, length, line }: Draft): void {
    const limit =
      tokens.length === MAXIMUM_SENTENCE_TOKENS
        ? `${MAXIMUM_SENTENCE_TOKENS} tokens`
        : length > MAXIMUM_SENTENCE_LENGTH
          ? `${MAXIMUM_SENTENCE_LENGTH} UTF-16 units`
          : null;
    if (limit === null) return;
    const message = `the sentence that begins in line ${line} has more than ${limit}; put a blank line between sentences, or split this one`;
    throw new CorpusError('CORPUS_SENTENCE_TOO_LONG', message, this.#at(0));
  }

  /** The error for a line beyond the limit: for its first column that is too long, if one is. */
  #tooLong(line: number, start: string): CorpusError {
    this.#line = line;
    const message = `the line has more than ${MAXIMUM_LINE_LENGTH} UTF-16 units; put one token a line`;
    return this.#longColumn(splitFields(start)) ?? new CorpusError('CORPUS_LINE_TOO_LONG', message, this.#at(MAXIMUM_LINE_LENGTH));
  }

  #longColumn({ values, starts }: Fields): CorpusError | null {
    const column = this.#wanted.find((wanted) => (values[wanted]?.length ?? 0) > MAXIMUM_TOKEN_LENGTH);
    if (column === undefined) return null;
    const { length } = values[column]!;
    const message =
      `column ${column} holds ${starts[column]! + length > MAXIMUM_LINE_LENGTH ? 'at least ' : ''}${length} UTF-16 units, ` +
      `expected at most ${MAXIMUM_TOKEN_LENGTH}; put one token a line and separate columns by a tab or spaces`;
    return new CorpusError('CORPUS_TOKEN_TOO_LONG', message, this.#at(starts[column]!));
  }

  #check(line: string, fields: Fields): void {
    const { values, starts } = fields;
    const long = this.#longColumn(fields);
    if (long) throw long;
    const carriageReturn = line.indexOf('\r');
    if (carriageReturn >= 0) {
      const message = 'found a carriage return inside a line, expected LF or CRLF line ends; convert the line ends';
      throw new CorpusError('CORPUS_CARRIAGE_RETURN', message, this.#at(carriageReturn));
    }
    this.#checkCount(line, fields);
    for (const column of this.#wanted) {
      if (values[column] !== '') continue;
      const message = `column ${column} is empty; every token needs a value here, write _ or O for none`;
      throw new CorpusError('CORPUS_EMPTY_FIELD', message, this.#at(starts[column]!));
    }
  }

  #checkCount(line: string, { values, starts }: Fields): void {
    const columns = values.length;
    if (columns > MAXIMUM_COLUMNS) {
      const message = `found ${columns} columns, expected at most ${MAXIMUM_COLUMNS}; put one token a line`;
      throw new CorpusError('CORPUS_COLUMN_COUNT', message, this.#at(starts[MAXIMUM_COLUMNS]!));
    }
    this.#firstRow ??= { columns, line: this.#line };
    if (columns < this.#neededColumns) {
      const message =
        `found ${columns} ${columns === 1 ? 'column' : 'columns'}, expected at least ${this.#neededColumns} ` +
        `(column ${this.#neededColumns - 1}, counted from 0, is read); correct the line or the column numbers of the config`;
      throw new CorpusError('CORPUS_COLUMN_COUNT', message, this.#at(line.length));
    }
    if (columns !== this.#firstRow.columns) {
      const message =
        `found ${columns} ${columns === 1 ? 'column' : 'columns'}, expected ${this.#firstRow.columns} as in line ${this.#firstRow.line}; ` +
        'give every line the same columns (where tokens contain spaces, separate columns by tabs)';
      throw new CorpusError('CORPUS_COLUMN_COUNT', message, this.#at(line.length));
    }
  }

  *#endSentence(): Generator<S> {
    if (this.#draft) yield this.make(this.#draft);
    this.#draft = null;
  }

  #intern(text: string): string {
    const known = this.#interned.get(text);
    if (known !== undefined) return known;
    if (this.#interned.size >= MAXIMUM_INTERNED) this.#interned.clear();
    // A piece of a text keeps all of that text in memory; letters put together anew are a string of their own.
    const own = text.split('').join('');
    this.#interned.set(own, own);
    return own;
  }

  #at(index: number): TextPosition {
    return { file: this.options.file, line: this.#line, column: index + 1 };
  }
}

/**
 * Sentences of a CoNLL column text: one token a line, columns separated by tabs or by runs of spaces (by tabs only in a
 * line that has one), a blank line or a `-DOCSTART-` line after each sentence, LF or CRLF. `#` is a token like any other.
 *
 * @throws {CorpusError} CORPUS_COLUMN_COUNT when a line has not the columns of the first line, or not those needed;
 * CORPUS_TOKEN_TOO_LONG, CORPUS_LINE_TOO_LONG, CORPUS_SENTENCE_TOO_LONG, CORPUS_EMPTY_FIELD, CORPUS_CARRIAGE_RETURN
 */
export function parseConll(text: string, options: ConllOptions): Sentence[] {
  const parser = new ConllParser(options, toSentence, false);
  return [...parser.push(text), ...parser.finish()];
}

/**
 * {@link parseConll} of UTF-8 bytes, a piece at a time: the text is never in memory as a whole.
 *
 * @throws {CorpusError} as parseConll; TEXT_NOT_UTF8, TEXT_NUL
 */
export function parseConllBytes(bytes: Uint8Array, options: ConllOptions): Sentence[] {
  const parser = new ConllParser(options, toSentence, false);
  const sentences: Sentence[] = [];
  for (const text of decodeUtf8Pieces(bytes, options.file)) for (const sentence of parser.push(text)) sentences.push(sentence);
  return [...sentences, ...parser.finish()];
}

/**
 * Sentences of a stream of UTF-8 bytes as they end, in memory bounded by the longest sentence.
 *
 * @throws {CorpusError} as parseConll; TEXT_NOT_UTF8, TEXT_NUL
 */
export async function* readConllStream(chunks: AsyncIterable<Uint8Array>, options: ConllOptions): AsyncGenerator<ConllSentence> {
  const parser = new ConllParser(options, toConllSentence, true);
  for await (const text of decodeUtf8Stream(chunks, options.file)) yield* parser.push(text);
  yield* parser.finish();
}

/** Fields that stay what they are between spaces, and between tabs, where spaces around a field are not part of it. */
const [HELD_BETWEEN_SPACES, HELD_BETWEEN_TABS] = [/^[^ \t\r\n\0]+$/, /^(?! )[^\t\r\n\0]*(?<! )$/];

/**
 * One sentence as CoNLL columns with LF line ends and the blank line after it: the fields of `rows[i]`, then `added[c][i]`
 * for each added column c. What is written is read again as it was.
 *
 * @throws {CorpusError} CORPUS_FIELD_NOT_WRITABLE when a field contains what separates fields or lines, or would be read as something else
 */
export function formatConll(
  rows: readonly (readonly string[])[],
  added: readonly (readonly string[])[] = [],
  separator: ConllSeparator = '\t',
): string {
  const lines = rows.map((row, i) => {
    const fields = [...row, ...added.map((column) => column[i] ?? '')];
    // A line without a tab is read as columns between spaces.
    const held = separator === '\t' && fields.length > 1 ? HELD_BETWEEN_TABS : HELD_BETWEEN_SPACES;
    const bad = fields.find((field) => !held.test(field)) ?? (fields[0] === DOCUMENT_START ? DOCUMENT_START : undefined);
    if (bad !== undefined) {
      const message = `cannot write ${JSON.stringify(bad)} as a column of row ${i + 1}, for it would be read as something else`;
      const advice = separator === ' ' && HELD_BETWEEN_TABS.test(bad) && bad !== DOCUMENT_START ? 'separate by tabs' : 'write JSON Lines';
      throw new CorpusError('CORPUS_FIELD_NOT_WRITABLE', `${message}; ${advice}`);
    }
    if (fields.every((field) => field === ''))
      throw new CorpusError('CORPUS_FIELD_NOT_WRITABLE', `row ${i + 1} is empty, which would end the sentence; write _ for nothing`);
    return `${fields.join(separator)}\n`;
  });
  return `${lines.join('')}\n`;
}
