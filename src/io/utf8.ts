import { CorpusError, type TextPosition } from '../errors.js';

const BYTE_ORDER_MARK = 0xfeff;

/** Index of the first byte in [begin, end) that starts no well-formed UTF-8 sequence (Unicode table 3-7), or -1. */
export function firstInvalidUtf8(bytes: Uint8Array, begin = 0, end = bytes.length): number {
  let at = begin;
  while (at < end) {
    const lead = bytes[at]!;
    if (lead < 0x80) {
      at++;
      continue;
    }
    const length = sequenceLength(lead);
    if (length === 0 || at + length > end) return at;
    // The second byte's range excludes overlong forms, surrogates and code points above U+10FFFF.
    const second = bytes[at + 1]!;
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return at;
    for (let k = 2; k < length; k++) if ((bytes[at + k]! & 0xc0) !== 0x80) return at;
    at += length;
  }
  return -1;
}

/** Bytes of the sequence that `lead` begins; 0 for a byte that begins none. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}

/** How many bytes of `bytes` lie before a sequence that is cut off by the end. */
function completeLength(bytes: Uint8Array): number {
  for (let at = bytes.length - 1; at >= 0 && at >= bytes.length - 3; at--) {
    const byte = bytes[at]!;
    if ((byte & 0xc0) === 0x80) continue;
    return at + sequenceLength(byte) > bytes.length ? at : bytes.length;
  }
  return bytes.length;
}

/**
 * Decodes a stream of bytes as strict UTF-8, without a byte order mark at its start. The text before a fault is given out first, so
 * that whoever reads it tells of what is wrong there, however the stream was cut; the next call then throws.
 *
 * @throws {CorpusError} TEXT_NOT_UTF8, TEXT_NUL with the position of the fault
 */
export class Utf8Reader {
  // `ignoreBOM: true` keeps the mark: only that at the very start of the file is taken off, here.
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #carry = new Uint8Array(0);
  #isStart = true;
  #fault: CorpusError | null = null;
  #line = 1;
  #column = 1;

  constructor(readonly file: string) {}

  /** The text of all sequences that are complete by now, up to a fault. */
  push(bytes: Uint8Array): string {
    if (this.#fault) throw this.#fault;
    let all = bytes;
    if (this.#carry.length > 0) {
      all = new Uint8Array(this.#carry.length + bytes.length);
      all.set(this.#carry);
      all.set(bytes, this.#carry.length);
    }
    const complete = completeLength(all);
    this.#carry = all.slice(complete);
    return this.#take(all.subarray(0, complete));
  }

  /** Says that no bytes follow; a sequence cut off by the end is a fault. */
  finish(): void {
    if (this.#fault) throw this.#fault;
    if (this.#carry.length > 0) throw this.#notUtf8(this.#carry, 0);
  }

  #take(bytes: Uint8Array): string {
    let decoded: string;
    let invalid = -1;
    try {
      decoded = this.#decoder.decode(bytes);
    } catch {
      invalid = firstInvalidUtf8(bytes);
      decoded = this.#decoder.decode(bytes.subarray(0, invalid));
    }
    const isMarked = this.#isStart && decoded.charCodeAt(0) === BYTE_ORDER_MARK;
    if (decoded !== '') this.#isStart = false;
    const unmarked = isMarked ? decoded.slice(1) : decoded;
    const nul = unmarked.indexOf('\0');
    const text = nul < 0 ? unmarked : unmarked.slice(0, nul);
    this.#advance(text);
    if (nul >= 0) {
      const message = 'found a NUL character, expected text; the file is binary, or UTF-16: convert it to UTF-8';
      this.#fault = new CorpusError('TEXT_NUL', message, this.#position());
    } else if (invalid >= 0) {
      this.#fault = this.#notUtf8(bytes, invalid);
    }
    return text;
  }

  #advance(text: string): void {
    let lineStart = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', lineStart)) {
      lineStart = at + 1;
      this.#line++;
      this.#column = 1;
    }
    this.#column += text.length - lineStart;
  }

  #position(): TextPosition {
    return { file: this.file, line: this.#line, column: this.#column };
  }

  #notUtf8(bytes: Uint8Array, at: number): CorpusError {
    const byte = bytes[at]!.toString(16).padStart(2, '0');
    const message = `byte 0x${byte} begins no valid UTF-8 character; convert the file to UTF-8, e.g. iconv -f LATIN1 -t UTF-8`;
    return new CorpusError('TEXT_NOT_UTF8', message, this.#position());
  }
}

/** Bytes of a file at hand that are decoded at a time. */
const CHUNK_BYTES = 1 << 20;

/**
 * The text of UTF-8 bytes, a piece at a time: it is never in memory as a whole.
 *
 * @throws {CorpusError} TEXT_NOT_UTF8, TEXT_NUL, when what lies before the fault has been taken
 */
export function* decodeUtf8Pieces(bytes: Uint8Array, file: string): Generator<string> {
  const reader = new Utf8Reader(file);
  for (let begin = 0; begin < bytes.length; begin += CHUNK_BYTES) yield reader.push(bytes.subarray(begin, begin + CHUNK_BYTES));
  reader.finish();
}

/** `decodeUtf8Pieces` of a stream. */
export async function* decodeUtf8Stream(chunks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<string> {
  const reader = new Utf8Reader(file);
  for await (const chunk of chunks) yield reader.push(chunk);
  reader.finish();
}

/**
 * The text of a whole file of UTF-8 bytes, without a byte order mark.
 *
 * @throws {CorpusError} TEXT_NOT_UTF8, TEXT_NUL with the position of the fault
 */
export function decodeUtf8(bytes: Uint8Array, file: string): string {
  const reader = new Utf8Reader(file);
  const text = reader.push(bytes);
  reader.finish();
  return text;
}
