import type { WordVectors } from '../data/sentence.js';
import { CorpusError, ResourceError, type TextPosition } from '../errors.js';
import { MAXIMUM_TOKEN_LENGTH } from './limits.js';
import { decodeUtf8, firstInvalidUtf8 } from './utf8.js';

export interface VectorsOptions {
  /** File name for messages. */
  readonly file: string;
  /** Read at most this many vectors; 0 = all. */
  readonly limit: number;
  readonly signal?: AbortSignal;
}

/** Bytes of a line; more means that the file is not text. */
const MAXIMUM_LINE_BYTES = 1 << 24;

/** Numbers in one block of the growing table (a block holds at least one vector). */
const BLOCK_VALUES = 1 << 20;

/** Decimal digits of which any whole number is exact in f64. */
const SHORT_DIGITS = 15;

/** 10^0 .. 10^15, exact in f64. */
const EXACT_POWERS_OF_TEN = Float64Array.from({ length: SHORT_DIGITS + 1 }, (_, exponent) => Number(`1e${exponent}`));

/** Decimals with an exponent, or with more digits than the short way takes. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;

/**
 * Reads word vectors from a text file, a stream of chunks at a time: GloVe's form (a word and its numbers a line) or
 * word2vec's (the same after a line of count and dimension, told by its being two whole numbers).
 *
 * A word may contain spaces, except the first one of GloVe's form, whose line tells the dimension: the numbers are the last
 * fields of a line. Of a word that is there twice the first vector counts. Numbers are the nearest f32 to the nearest f64
 * of the decimal.
 *
 * @throws {CorpusError} VECTORS_DIMENSION when a line has not as many numbers as the first; VECTORS_NOT_A_NUMBER for a field that
 * is no finite f32; VECTORS_EMPTY; VECTORS_LINE_TOO_LONG; TEXT_NOT_UTF8, TEXT_NUL within a word
 * @throws {ResourceError} VECTORS_OUT_OF_MEMORY
 */
export async function readVectors(chunks: AsyncIterable<Uint8Array>, options: VectorsOptions): Promise<WordVectors> {
  const parser = new VectorsParser(options);
  let rest = new Uint8Array(0);
  options.signal?.throwIfAborted();
  for await (const chunk of chunks) {
    options.signal?.throwIfAborted();
    let begin = 0;
    if (rest.length > 0) {
      const end = chunk.indexOf(NEWLINE);
      const line = joined(rest, end < 0 ? chunk : chunk.subarray(0, end));
      if (line.length > MAXIMUM_LINE_BYTES) throw parser.lineTooLong();
      rest = line;
      if (end < 0) continue;
      parser.takeLine(line, 0, line.length);
      rest = new Uint8Array(0);
      begin = end + 1;
    }
    for (let end = chunk.indexOf(NEWLINE, begin); end >= 0 && !parser.isFull; end = chunk.indexOf(NEWLINE, begin)) {
      parser.takeLine(chunk, begin, end);
      begin = end + 1;
    }
    if (parser.isFull) return parser.finish();
    rest = chunk.slice(begin);
  }
  if (rest.length > 0) parser.takeLine(rest, 0, rest.length);
  return parser.finish();
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Reads numbers from the end of a line to its start, each byte once. */
class BackwardReader {
  /** Where the field of the last number begins. */
  start = 0;

  /**
   * The f64 nearest to the decimal in the field that ends at `end`, NaN when it is none.
   *
   * The short way: digits that make a whole number below 2^53, divided by a power of ten up to 10^15. Both are exact, so
   * the quotient is the one correct rounding, the same as `Number` gives. Everything else goes to `Number`.
   */
  read(bytes: Uint8Array, begin: number, end: number): number {
    let at = end;
    let mantissa = 0;
    let digits = 0;
    let fractionDigits = -1;
    for (; at > begin; at--) {
      const byte = bytes[at - 1]!;
      if (byte >= ZERO && byte <= NINE) {
        if (digits < SHORT_DIGITS) mantissa += (byte - ZERO) * EXACT_POWERS_OF_TEN[digits]!;
        digits++;
      } else if (byte === DOT && fractionDigits < 0) {
        fractionDigits = digits;
      } else {
        break;
      }
    }
    const sign = at > begin ? bytes[at - 1]! : SPACE;
    if (sign === MINUS || sign === PLUS) at--;
    const isWhole = at === begin || isBlank(bytes[at - 1]!);
    this.start = isWhole ? at : fieldStartBack(bytes, begin, at);
    if (!isWhole || digits === 0 || digits > SHORT_DIGITS) return readLongNumber(bytes, this.start, end);
    const magnitude = fractionDigits > 0 ? mantissa / EXACT_POWERS_OF_TEN[fractionDigits]! : mantissa;
    return sign === MINUS ? -magnitude : magnitude;
  }
}

/** Takes lines and collects the vectors. */
class VectorsParser {
  readonly #numbers = new BackwardReader();
  readonly #words: string[] = [];
  readonly #known = new Set<string>();
  readonly #blocks: Float32Array[] = [];
  #row = new Float32Array(0);
  #rowsPerBlock = 0;
  #dimension = 0;
  #line = 0;

  constructor(readonly options: VectorsOptions) {}

  get isFull(): boolean {
    return this.options.limit > 0 && this.#words.length >= this.options.limit;
  }

  /** Takes bytes [begin, lineEnd), a line without its LF. */
  takeLine(bytes: Uint8Array, begin: number, lineEnd: number): void {
    if (this.isFull) return;
    this.#line++;
    let end = lineEnd;
    if (end > begin && bytes[end - 1] === RETURN) end--;
    end = skipBlanksBack(bytes, begin, end);
    if (end === begin) return;
    let start = begin;
    if (this.#line === 1) {
      if (bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf) start += 3;
      const header = readHeader(bytes, start, end);
      if (header) {
        this.#dimension = header.dimension;
        return;
      }
    }
    if (this.#dimension === 0) this.#dimension = countFields(bytes, start, end) - 1;
    if (this.#dimension < 1) throw this.#wrongDimension(bytes, start, end, begin);
    this.#takeVector(bytes, start, end, begin);
  }

  /** The table of all vectors taken. */
  finish(): WordVectors {
    const { file } = this.options;
    const dimension = this.#dimension;
    if (this.#words.length === 0) {
      const message = 'found no word vector, expected lines of a word and its numbers; check the path';
      throw new CorpusError('VECTORS_EMPTY', message, { file, line: Math.max(1, this.#line), column: 1 });
    }
    const values = this.#allocate(this.#words.length * dimension);
    let offset = 0;
    for (const block of this.#blocks) {
      const part = block.subarray(0, Math.min(block.length, values.length - offset));
      values.set(part, offset);
      offset += part.length;
    }
    return { words: this.#words, dimension, values };
  }

  lineTooLong(): CorpusError {
    const message = `the line has more than ${MAXIMUM_LINE_BYTES} bytes; expected text, one word a line (convert binary vectors to text)`;
    return new CorpusError('VECTORS_LINE_TOO_LONG', message, { file: this.options.file, line: this.#line + 1, column: 1 });
  }

  #takeVector(bytes: Uint8Array, begin: number, lineEnd: number, lineStart: number): void {
    const dimension = this.#dimension;
    // A header may claim any dimension: memory is taken only for numbers that a line can hold.
    if (dimension > lineEnd - begin) throw this.#wrongDimension(bytes, begin, lineEnd, lineStart);
    if (this.#row.length !== dimension) this.#row = this.#allocate(dimension);
    const row = this.#row;
    const numbers = this.#numbers;
    let end = lineEnd;
    for (let k = dimension - 1; k >= 0; k--) {
      const fieldEnd = skipBlanksBack(bytes, begin, end);
      const value = Math.fround(numbers.read(bytes, begin, fieldEnd));
      const fieldStart = numbers.start;
      if (fieldStart === begin) throw this.#wrongDimension(bytes, begin, lineEnd, lineStart);
      if (!Number.isFinite(value)) {
        if (countFields(bytes, begin, lineEnd) < dimension + 1) throw this.#wrongDimension(bytes, begin, lineEnd, lineStart);
        throw this.#notANumber(bytes, fieldStart, fieldEnd, lineStart);
      }
      row[k] = value;
      end = fieldStart;
    }
    end = skipBlanksBack(bytes, begin, end);
    if (end === begin || this.#hasTooManyNumbers(bytes, begin, end)) throw this.#wrongDimension(bytes, begin, lineEnd, lineStart);
    const word = this.#readWord(bytes, begin, end, lineStart);
    if (this.#known.has(word)) return;
    this.#known.add(word);
    this.#append(word, row);
  }

  /** A word of several fields is a word with spaces, unless all after the first are numbers: then the line is too long. */
  #hasTooManyNumbers(bytes: Uint8Array, begin: number, end: number): boolean {
    let at = end;
    for (let found = 0; ; found++) {
      const number = this.#numbers.read(bytes, begin, at);
      if (this.#numbers.start === begin) return found > 0;
      if (Number.isNaN(number)) return false;
      at = skipBlanksBack(bytes, begin, this.#numbers.start);
    }
  }

  #append(word: string, row: Float32Array): void {
    const dimension = this.#dimension;
    if (this.#rowsPerBlock === 0) this.#rowsPerBlock = Math.max(1, Math.floor(BLOCK_VALUES / dimension));
    const slot = this.#words.length % this.#rowsPerBlock;
    if (slot === 0) this.#blocks.push(this.#allocate(this.#rowsPerBlock * dimension));
    this.#blocks.at(-1)!.set(row, slot * dimension);
    this.#words.push(word);
  }

  #allocate(values: number): Float32Array<ArrayBuffer> {
    try {
      return new Float32Array(values);
    } catch (error) {
      const message = `no memory for ${this.#words.length} word vectors of dimension ${this.#dimension}; set vectors.limit to read fewer`;
      throw new ResourceError('VECTORS_OUT_OF_MEMORY', message, { cause: error });
    }
  }

  #readWord(bytes: Uint8Array, begin: number, end: number, lineStart: number): string {
    let word = '';
    if (end - begin > MAXIMUM_TOKEN_LENGTH) return this.#readUnusualWord(bytes, begin, end, lineStart);
    for (let at = begin; at < end; at++) {
      const byte = bytes[at]!;
      if (byte === 0 || byte >= 0x80) return this.#readUnusualWord(bytes, begin, end, lineStart);
      word += String.fromCharCode(byte);
    }
    return word;
  }

  #readUnusualWord(bytes: Uint8Array, begin: number, end: number, lineStart: number): string {
    const invalid = firstInvalidUtf8(bytes, begin, end);
    if (invalid >= 0) {
      const message = 'the word is not valid UTF-8; convert the file to UTF-8 text (a binary file of vectors cannot be read)';
      throw new CorpusError('TEXT_NOT_UTF8', message, this.#at(bytes, lineStart, invalid));
    }
    const nul = bytes.subarray(begin, end).indexOf(0);
    if (nul >= 0) {
      const message = 'found a NUL character in a word; expected UTF-8 text (a binary file of vectors cannot be read)';
      throw new CorpusError('TEXT_NUL', message, this.#at(bytes, lineStart, begin + nul));
    }
    return decodeUtf8(bytes.subarray(begin, end), this.options.file);
  }

  #wrongDimension(bytes: Uint8Array, begin: number, end: number, lineStart: number): CorpusError {
    const found = Math.max(0, countFields(bytes, begin, end) - 1);
    const expected = this.#dimension < 1 ? 'at least 1' : `${this.#dimension}`;
    const message = `found ${found} numbers after the word, expected ${expected}; the line is damaged or the file was cut off`;
    return new CorpusError('VECTORS_DIMENSION', message, this.#at(bytes, lineStart, end));
  }

  #notANumber(bytes: Uint8Array, begin: number, end: number, lineStart: number): CorpusError {
    const shown = JSON.stringify(latin1(bytes, begin, Math.min(end, begin + 40)));
    const message = `found ${shown}, expected a finite number (at most 3.4e38 in magnitude); the line is damaged or the file is not text`;
    return new CorpusError('VECTORS_NOT_A_NUMBER', message, this.#at(bytes, lineStart, begin));
  }

  /** Position of byte `at`; bytes that are no UTF-8 count as one unit each. */
  #at(bytes: Uint8Array, lineStart: number, at: number): TextPosition {
    const column = new TextDecoder().decode(bytes.subarray(lineStart, at)).length + 1;
    return { file: this.options.file, line: this.#line, column };
  }
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

/** End of the last non-blank byte in [begin, end). */
function skipBlanksBack(bytes: Uint8Array, begin: number, end: number): number {
  let at = end;
  while (at > begin && isBlank(bytes[at - 1]!)) at--;
  return at;
}

/** Start of the field that ends at `end`. */
function fieldStartBack(bytes: Uint8Array, begin: number, end: number): number {
  let at = end;
  while (at > begin && !isBlank(bytes[at - 1]!)) at--;
  return at;
}

function countFields(bytes: Uint8Array, begin: number, end: number): number {
  let fields = 0;
  for (let at = begin; at < end; at++) if (!isBlank(bytes[at]!) && (at === begin || isBlank(bytes[at - 1]!))) fields++;
  return fields;
}

/** word2vec's first line, "count dimension", or null when the line is something else. */
function readHeader(bytes: Uint8Array, begin: number, end: number): { readonly dimension: number } | null {
  if (end - begin > 40) return null;
  const match = /^(\d+)[ \t]+(\d+)$/.exec(latin1(bytes, begin, end));
  const dimension = Number(match?.[2]);
  return dimension >= 1 ? { dimension } : null;
}

function latin1(bytes: Uint8Array, begin: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(begin, end));
}

function readLongNumber(bytes: Uint8Array, begin: number, end: number): number {
  if (end - begin > 400) return Number.NaN;
  const text = latin1(bytes, begin, end);
  return DECIMAL.test(text) ? Number(text) : Number.NaN;
}
