import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { areRowsOfValues, decodeKept, decodeRows, encodeKept, encodeRows, unionOf } from '../../src/io/tensor-encoding.js';

const bitsOf = (values: Float32Array): number[] => [...new Uint32Array(values.buffer, values.byteOffset, values.length)];

describe('kept values', () => {
  test('go back to the places that any mask keeps, and the others are +0', () => {
    const { bits, count } = unionOf([Uint32Array.of(0b0101, 1), Uint32Array.of(0b0001, 0)], 33);
    expect(count).toBe(3);
    const values = new Float32Array(33);
    values.set([1, 0, -0.5]);
    values[32] = 7;
    const kept = encodeKept(values, bits);
    expect([...kept]).toEqual([1, -0.5, 7]);
    expect(bitsOf(decodeKept(kept, bits, 33))).toEqual(bitsOf(values));
  });
});

describe('rows of bytes', () => {
  test('have the smallest power of two as scale with which no byte is beyond 127', () => {
    const { bytes, scales } = encodeRows(Float32Array.of(127, -3, 127.5, 1, 0, 0, 63.5, -63.5), 2);
    expect([...scales]).toEqual([1, 2, 0, 0.5]);
    expect([...bytes]).toEqual([127, -3, 64, 1, 0, 0, 127, -127]);
  });

  test('round halves upwards', () => {
    expect([...encodeRows(Float32Array.of(127, 2.5, -2.5), 3).bytes]).toEqual([127, 3, -2]);
  });

  const row = fc.array(fc.float({ min: Math.fround(-1e38), max: Math.fround(1e38), noNaN: true }), { minLength: 1, maxLength: 9 });

  test('are encoded to the same bytes once they have been decoded', () => {
    fc.assert(
      fc.property(row, (values) => {
        const rows = encodeRows(Float32Array.from(values), values.length);
        const decoded = decodeRows(rows);
        expect(encodeRows(decoded, values.length)).toEqual(rows);
        expect(areRowsOfValues(rows)).toBe(true);
        expect(decoded.every(Number.isFinite)).toBe(true);
      }),
    );
  });

  test('are those of their values exactly where encoding the values gives them again', () => {
    const exponents = fc.integer({ min: -149, max: 127 }).map((exponent) => 2 ** exponent);
    const scale = fc.oneof(exponents, fc.constantFrom(0, -0, 0.3, -1, 2 ** -126, 2 ** 121));
    const byte = fc.oneof(fc.integer({ min: -128, max: 127 }), fc.constantFrom(-128, -127, -64, -63, 0, 63, 64, 127));
    fc.assert(
      fc.property(fc.array(byte, { minLength: 1, maxLength: 3 }), scale, (row, s) => {
        const rows = { bytes: Int8Array.from(row), scales: Float32Array.of(s) };
        const again = encodeRows(decodeRows(rows), row.length);
        const isSame = again.bytes.every((value, i) => value === row[i]) && bitsOf(again.scales)[0] === bitsOf(rows.scales)[0];
        expect(areRowsOfValues(rows)).toBe(isSame);
      }),
      { numRuns: 2000 },
    );
    expect(areRowsOfValues({ bytes: new Int8Array(), scales: Float32Array.of(0) })).toBe(false);
    expect(areRowsOfValues({ bytes: new Int8Array(), scales: new Float32Array() })).toBe(true);
  });

  test('are off by at most half a scale, which is less than a 126th of the largest value', () => {
    fc.assert(
      fc.property(row, (values) => {
        const exact = Float32Array.from(values);
        const rows = encodeRows(exact, exact.length);
        const scale = rows.scales[0]!;
        const most = Math.max(scale / 2, 2 ** -126);
        const decoded = decodeRows(rows);
        exact.forEach((value, i) => void expect(Math.abs(value - decoded[i]!)).toBeLessThanOrEqual(most));
        const largest = Math.max(...exact.map(Math.abs));
        if (largest > 1e-30) expect(scale).toBeLessThanOrEqual(largest / 63);
      }),
    );
  });
});
