// CoNLL-U (universaldependencies.org/format.html): comments, ten columns, words, multi-word tokens and empty nodes.
import type { Sentence } from '../data/sentence.js';
import { CorpusError, type TextPosition } from '../errors.js';
import { MAXIMUM_LINE_LENGTH, MAXIMUM_SENTENCE_LENGTH, MAXIMUM_SENTENCE_TOKENS, MAXIMUM_TOKEN_LENGTH } from './limits.js';
import { LineReader } from './line-reader.js';
import { decodeUtf8Pieces, decodeUtf8Stream } from './utf8.js';

/** Names of the ten columns, in their order. */
export const CONLLU_COLUMNS = ['id', 'form', 'lemma', 'upos', 'xpos', 'feats', 'head', 'deprel', 'deps', 'misc'] as const;

const FORM = 1;
const MISC = 9;
const WORD = /^[1-9]\d*$/;
const RANGE = /^([1-9]\d*)-([1-9]\d*)$/;
const EMPTY_NODE = /^(0|[1-9]\d*)\.([1-9]\d*)$/;

/** One line of a sentence below its comments. Only words are tokens; ranges and empty nodes are kept as they are. */
export interface ConlluRow {
  readonly kind: 'word' | 'range' | 'empty';
  readonly fields: readonly string[];
  /** Line in the file, from 1. */
  readonly line: number;
}

export interface ConlluSentence {
  /** Comment lines, with their `#`. */
  readonly comments: readonly string[];
  readonly rows: readonly ConlluRow[];
  /** Forms of the words. */
  readonly tokens: readonly string[];
}

/** Takes lines and gives sentences as they end. */
class ConlluParser {
  #line = 0;
  #comments: string[] = [];
  #rows: ConlluRow[] = [];
  #words = 0;
  /** Last word that a multi-word token covers. */
  #covered = 0;
  #emptyNodes = 0;
  /** UTF-16 code units of comments and rows, line ends counted. */
  #length = 0;

  constructor(private readonly file: string) {}

  *take(lines: Iterable<string>): Generator<ConlluSentence> {
    for (const line of lines) {
      this.#line++;
      if (line.trim() === '') {
        yield* this.finish();
        continue;
      }
      this.#length += line.length + 1;
      if (this.#length > MAXIMUM_SENTENCE_LENGTH)
        throw this.#refuse(
          'CORPUS_SENTENCE_TOO_LONG',
          1,
          `the sentence and its comments have more than ${MAXIMUM_SENTENCE_LENGTH} UTF-16 units; put an empty line between sentences`,
        );
      if (line.startsWith('#') && this.#rows.length === 0) this.#comments.push(line);
      else this.#takeRow(line);
    }
  }

  *finish(): Generator<ConlluSentence> {
    if (this.#covered > this.#words) {
      throw this.#refuse(
        'CONLLU_RANGE',
        1,
        `a multi-word token covers words to ${this.#covered}, but the sentence ends at word ${this.#words}`,
      );
    }
    if (this.#rows.length > 0 && this.#words === 0) throw this.#refuse('CONLLU_NO_WORD', 1, 'the sentence has no word, only other nodes');
    if (this.#words > 0) {
      const tokens = this.#rows.flatMap(({ kind, fields }) => (kind === 'word' ? [fields[FORM]!] : []));
      yield { comments: this.#comments, rows: this.#rows, tokens };
      this.#comments = [];
      this.#length = 0;
    }
    // Comments without a sentence belong to the one that follows.
    this.#rows = [];
    this.#words = 0;
    this.#covered = 0;
    this.#emptyNodes = 0;
  }

  #takeRow(line: string): void {
    const fields = line.split('\t');
    if (fields.length !== CONLLU_COLUMNS.length) {
      const found = fields.length === 1 && line.startsWith('#') ? 'a comment inside a sentence' : `${fields.length} columns`;
      throw this.#refuse('CONLLU_COLUMN_COUNT', line.length + 1, `found ${found}, expected the ten columns of CoNLL-U, separated by tabs`);
    }
    const at = (column: number): number => columnOf(fields, column);
    const empty = fields.indexOf('');
    if (empty >= 0) throw this.#refuse('CONLLU_EMPTY_FIELD', at(empty), `column ${CONLLU_COLUMNS[empty]} is empty; write _ for nothing`);
    const return_ = line.indexOf('\r');
    if (return_ >= 0)
      throw this.#refuse('CORPUS_CARRIAGE_RETURN', return_ + 1, 'found a carriage return inside a line; convert the line ends');
    if (fields[FORM]!.length > MAXIMUM_TOKEN_LENGTH)
      throw this.#refuse(
        'CORPUS_TOKEN_TOO_LONG',
        at(FORM),
        `the form has ${fields[FORM]!.length} UTF-16 units, expected at most ${MAXIMUM_TOKEN_LENGTH}`,
      );
    this.#rows.push({ kind: this.#kindOf(fields[0]!), fields, line: this.#line });
  }

  #kindOf(id: string): ConlluRow['kind'] {
    if (WORD.test(id)) {
      if (Number(id) !== this.#words + 1) throw this.#refuse('CONLLU_ID', 1, `found word ${id}, expected ${this.#words + 1}`);
      if (this.#words === MAXIMUM_SENTENCE_TOKENS)
        throw this.#refuse(
          'CORPUS_SENTENCE_TOO_LONG',
          1,
          `the sentence has more than ${MAXIMUM_SENTENCE_TOKENS} words; put an empty line between sentences`,
        );
      this.#words++;
      this.#emptyNodes = 0;
      return 'word';
    }
    const range = RANGE.exec(id);
    if (range) {
      const [first, last] = [Number(range[1]), Number(range[2])];
      if (first !== this.#words + 1 || last < first || this.#covered > this.#words)
        throw this.#refuse(
          'CONLLU_RANGE',
          1,
          `found multi-word token ${id}; it must begin at word ${this.#words + 1}, the next one, and overlap no other`,
        );
      this.#covered = last;
      return 'range';
    }
    const node = EMPTY_NODE.exec(id);
    if (!node)
      throw this.#refuse(
        'CONLLU_ID',
        1,
        `found id ${JSON.stringify(id)}, expected a word (3), a multi-word token (3-4) or an empty node (3.1)`,
      );
    this.#emptyNodes++;
    if (Number(node[1]) !== this.#words || Number(node[2]) !== this.#emptyNodes)
      throw this.#refuse('CONLLU_ID', 1, `found empty node ${id}, expected ${this.#words}.${this.#emptyNodes}`);
    return 'empty';
  }

  #refuse(code: string, column: number, message: string): CorpusError {
    return new CorpusError(code, message, { file: this.file, line: this.#line, column });
  }
}

const lineReader = (file: string): LineReader =>
  new LineReader(MAXIMUM_LINE_LENGTH, (line) => {
    const message = `the line has more than ${MAXIMUM_LINE_LENGTH} UTF-16 units`;
    return new CorpusError('CORPUS_LINE_TOO_LONG', message, { file, line, column: MAXIMUM_LINE_LENGTH + 1 });
  });

/**
 * Sentences of a CoNLL-U stream as they end, in memory bounded by the longest sentence.
 *
 * @param file name for messages
 * @throws {CorpusError} CONLLU_COLUMN_COUNT, CONLLU_EMPTY_FIELD, CONLLU_ID, CONLLU_RANGE, CONLLU_NO_WORD, CORPUS_CARRIAGE_RETURN,
 * CORPUS_TOKEN_TOO_LONG, CORPUS_SENTENCE_TOO_LONG, CORPUS_LINE_TOO_LONG, TEXT_NOT_UTF8, TEXT_NUL
 */
export async function* readConlluStream(chunks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<ConlluSentence> {
  const [lines, parser] = [lineReader(file), new ConlluParser(file)];
  for await (const text of decodeUtf8Stream(chunks, file)) yield* parser.take(lines.push(text));
  yield* parser.take(lines.finish());
  yield* parser.finish();
}

/** {@link readConlluStream} of bytes at hand. */
export function parseConlluBytes(bytes: Uint8Array, file: string): ConlluSentence[] {
  const [lines, parser] = [lineReader(file), new ConlluParser(file)];
  const sentences: ConlluSentence[] = [];
  for (const text of decodeUtf8Pieces(bytes, file)) for (const sentence of parser.take(lines.push(text))) sentences.push(sentence);
  return [...sentences, ...parser.take(lines.finish()), ...parser.finish()];
}

/**
 * The sentence as a corpus has it: words with the labels of `columns`. A column is a number from 0, a name of a CoNLL-U
 * column (`upos`), or the name of an attribute in MISC, which every word must then have.
 *
 * @throws {CorpusError} CONLLU_ATTRIBUTE, CONLLU_COLUMN_COUNT, CORPUS_TOKEN_TOO_LONG
 */
export function conlluLabels({ rows, tokens }: ConlluSentence, columns: readonly (number | string)[], file: string): Sentence {
  const words = rows.filter(({ kind }) => kind === 'word');
  const places = columns.map((column) =>
    typeof column === 'number' ? column : CONLLU_COLUMNS.indexOf(column as (typeof CONLLU_COLUMNS)[number]),
  );
  const fieldOf = (place: number): number => (place >= 0 ? place : MISC);
  const labels = columns.map((column, c) => {
    const place = places[c]!;
    if (place >= CONLLU_COLUMNS.length)
      throw new CorpusError('CONLLU_COLUMN_COUNT', `there is no column ${place}; CoNLL-U has ten, from 0`, positionOf(words[0]!, 0, file));
    return words.map((row) => {
      const value = place >= 0 ? row.fields[place]! : attributeOf(row.fields[MISC]!, `${column}`);
      const length = value?.length ?? 0;
      if (length > MAXIMUM_TOKEN_LENGTH) {
        const message = `label ${column} has ${length} UTF-16 units, expected at most ${MAXIMUM_TOKEN_LENGTH}`;
        throw new CorpusError('CORPUS_TOKEN_TOO_LONG', message, positionOf(row, fieldOf(place), file));
      }
      if (value !== null) return value;
      const message = `the word has no attribute ${column} in MISC; a column is a number, ${CONLLU_COLUMNS.join(', ')}, or an attribute that every word has`;
      throw new CorpusError('CONLLU_ATTRIBUTE', message, positionOf(row, MISC, file));
    });
  });
  const starts = places.map((place) => Uint32Array.from(words, ({ fields }) => columnOf(fields, fieldOf(place))));
  return { tokens, labels, line: words[0]!.line, lines: Uint32Array.from(words, ({ line }) => line), starts };
}

function positionOf({ line, fields }: ConlluRow, field: number, file: string): TextPosition {
  return { file, line, column: columnOf(fields, field) };
}

/** Where a field begins in its line, in UTF-16 code units from 1. */
function columnOf(fields: readonly string[], field: number): number {
  return fields.slice(0, field).reduce((sum, { length }) => sum + length + 1, 1);
}

function attributeOf(misc: string, name: string): string | null {
  const found = misc.split('|').find((attribute) => attribute.startsWith(`${name}=`));
  return found === undefined ? null : found.slice(name.length + 1);
}

/** New attributes of the words of a sentence: `values[i]` is word i's. */
export interface ConlluAttribute {
  readonly name: string;
  readonly values: readonly string[];
}

/**
 * A sentence as CoNLL-U with LF line ends and the empty line after it. Everything that was read stays; attributes of a
 * name that is there are replaced, others come last.
 *
 * @throws {CorpusError} CORPUS_FIELD_NOT_WRITABLE for a value that holds a `|`, a tab or a line end, or is empty
 */
export function formatConllu(
  { comments, rows }: Pick<ConlluSentence, 'comments' | 'rows'>,
  added: readonly ConlluAttribute[] = [],
): string {
  for (const { name, values } of added) {
    const bad = values.find((value) => value === '' || /[|\t\r\n\0]/.test(value));
    if (bad === undefined) continue;
    const message = `cannot write ${JSON.stringify(bad)} as attribute ${name} in MISC: it is empty or holds |, a tab or a line end; write JSON Lines`;
    throw new CorpusError('CORPUS_FIELD_NOT_WRITABLE', message);
  }
  let word = 0;
  const lines = rows.map(({ kind, fields }) => {
    if (kind !== 'word' || added.length === 0) return fields.join('\t');
    const place = word++;
    const kept =
      fields[MISC] === '_' ? [] : fields[MISC]!.split('|').filter((part) => !added.some(({ name }) => part.startsWith(`${name}=`)));
    const misc = [...kept, ...added.map(({ name, values }) => `${name}=${values[place]}`)].join('|');
    return [...fields.slice(0, MISC), misc].join('\t');
  });
  return `${[...comments, ...lines].join('\n')}\n\n`;
}

/**
 * Rows for tokens that came from elsewhere.
 * @param glued `glued[i]`: no space follows token i
 * @throws {CorpusError} CORPUS_FIELD_NOT_WRITABLE
 */
export function makeConlluRows(tokens: readonly string[], glued: readonly boolean[] = []): ConlluRow[] {
  return tokens.map((token, i) => {
    if (token === '' || /[\t\r\n\0]/.test(token))
      throw new CorpusError('CORPUS_FIELD_NOT_WRITABLE', `cannot write ${JSON.stringify(token)} as a form of CoNLL-U; write JSON Lines`);
    const fields = [`${i + 1}`, token, '_', '_', '_', '_', '_', '_', '_', glued[i] ? 'SpaceAfter=No' : '_'];
    return { kind: 'word', fields, line: 0 };
  });
}
