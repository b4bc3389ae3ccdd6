import { describe, expect, test } from 'vitest';
import { LineReader } from '../../src/io/line-reader.js';

const read = (pieces: readonly string[], maximum = 10): string[] => {
  const reader = new LineReader(maximum, (line, start) => new Error(`${line}: ${start}`));
  return [...pieces.flatMap((piece) => [...reader.push(piece)]), ...reader.finish()];
};

describe('lines of a text in pieces', () => {
  test('are the same however it is cut', () => {
    const text = 'one\n\r\ntwo\r\n\r three\nfour';
    for (let size = 1; size <= text.length; size++) {
      const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g'))!;
      expect(read(pieces)).toEqual(['one', '', 'two', '\r three', 'four']);
    }
    expect(read(['a\n'])).toEqual(['a']);
    expect(read([''])).toEqual([]);
  });

  test('are refused beyond the limit, by number and beginning, before their end is seen', () => {
    expect(read(['0123456789\r\n', '0123456789'])).toEqual(['0123456789', '0123456789']);
    for (const pieces of [['a\n0123456789x'], ['a\n', '01234', '56789', 'xyz'], ['a\n0123456789xyz\nb\n']])
      expect(() => read(pieces)).toThrow('2: 0123456789x');
  });

  test('come before the refusal of a later one', () => {
    const reader = new LineReader(3, () => new Error('too long'));
    const lines = reader.push('a\nb\ntoo long\n');
    expect([lines.next().value, lines.next().value]).toEqual(['a', 'b']);
    expect(() => lines.next()).toThrow('too long');
  });
});
