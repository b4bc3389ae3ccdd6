import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorpusError } from '../../src/errors.js';
import { decodeUtf8, firstInvalidUtf8, Utf8Reader } from '../../src/io/utf8.js';
import { bytesOf, errorOf } from '../helpers/text.js';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function isUtf8(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Bytes that are nearly UTF-8: pieces of text between stray bytes. */
const nearlyUtf8 = fc
  .array(fc.oneof(fc.string({ unit: 'binary', maxLength: 4 }).map(bytesOf), fc.uint8Array({ minLength: 1, maxLength: 3 })), {
    maxLength: 6,
  })
  .map((pieces) => Uint8Array.from(pieces.flatMap((piece) => [...piece])));

function readInPieces(bytes: Uint8Array, cuts: readonly number[]): string {
  const reader = new Utf8Reader('a.txt');
  let text = '';
  let begin = 0;
  for (const cut of [...cuts.map((c) => c % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    text += reader.push(bytes.subarray(begin, cut));
    begin = cut;
  }
  reader.finish();
  return text;
}

describe('firstInvalidUtf8', () => {
  test('agrees with the decoder of the engine on what is UTF-8', () => {
    fc.assert(
      fc.property(nearlyUtf8, (bytes) => {
        const at = firstInvalidUtf8(bytes);
        expect(at < 0).toBe(isUtf8(bytes));
        if (at >= 0) expect(isUtf8(bytes.subarray(0, at))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['an overlong slash', [0xc0, 0xaf], 0],
    ['an overlong three-byte form', [0x41, 0xe0, 0x80, 0x80], 1],
    ['a surrogate', [0xed, 0xa0, 0x80], 0],
    ['a code point above U+10FFFF', [0xf4, 0x90, 0x80, 0x80], 0],
    ['a lone continuation', [0x41, 0x42, 0x80], 2],
    ['a sequence cut by another letter', [0xe2, 0x82, 0x41], 0],
    ['a sequence cut by the end', [0x41, 0xf0, 0x9f, 0x98], 1],
    ['well-formed text', [...bytesOf('aé€😀')], -1],
  ])('finds %s', (_what, bytes, at) => {
    expect(firstInvalidUtf8(Uint8Array.from(bytes))).toBe(at);
  });
});

describe('a stream of UTF-8', () => {
  test('gives the same text however it is cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat(), { maxLength: 8 }), (text, cuts) => {
        fc.pre(!text.includes('\0') && !text.startsWith('\ufeff'));
        expect(readInPieces(bytesOf(text), cuts)).toBe(text);
      }),
    );
  });

  test('gives the same error however it is cut', () => {
    fc.assert(
      fc.property(nearlyUtf8, fc.array(fc.nat(), { maxLength: 8 }), (bytes, cuts) => {
        const whole = errorOf(() => decodeUtf8(bytes, 'a.txt'), CorpusError);
        const pieces = errorOf(() => readInPieces(bytes, cuts), CorpusError);
        expect(pieces?.code).toBe(whole?.code);
        expect(pieces?.message).toBe(whole?.message);
      }),
      { numRuns: 500 },
    );
  });

  test('loses a byte order mark at its start, and keeps one further on', () => {
    const bytes = bytesOf('\ufeffa\ufeffb');
    expect(decodeUtf8(bytes, 'a.txt')).toBe('a\ufeffb');
    expect(readInPieces(bytes, [1, 2, 4, 5])).toBe('a\ufeffb');
  });

  test('names line, column in UTF-16 units and byte of what is not UTF-8', () => {
    const bytes = Uint8Array.from([...bytesOf('\ufeffone\r\n😀 caf'), 0xe9, ...bytesOf('\n')]);
    const error = errorOf(() => decodeUtf8(bytes, 'a.txt'), CorpusError)!;
    expect(error.code).toBe('TEXT_NOT_UTF8');
    expect(error.position).toEqual({ file: 'a.txt', line: 2, column: 7 });
    expect(error.message).toMatch(/^a\.txt:2:7: byte 0xe9 .*convert the file to UTF-8/);
  });

  test('refuses a text that ends inside a character, and one with a NUL', () => {
    const cut = errorOf(() => decodeUtf8(Uint8Array.from([0x61, 0x0a, 0xe2, 0x82]), 'a.txt'), CorpusError)!;
    expect([cut.code, cut.position]).toEqual(['TEXT_NOT_UTF8', { file: 'a.txt', line: 2, column: 1 }]);
    const nul = errorOf(() => decodeUtf8(bytesOf('ab\nc\0d'), 'a.txt'), CorpusError)!;
    expect([nul.code, nul.position]).toEqual(['TEXT_NUL', { file: 'a.txt', line: 2, column: 2 }]);
  });
});

test('the text before a fault is given out before the fault is told', () => {
  const reader = new Utf8Reader('a.txt');
  expect(reader.push(Uint8Array.of(0x61, 0x0a, 0x62, 0xff, 0x63))).toBe('a\nb');
  expect(() => reader.push(bytesOf('d'))).toThrow(/^a\.txt:2:2: /);
  expect(() => reader.finish()).toThrow(/^a\.txt:2:2: /);
});
