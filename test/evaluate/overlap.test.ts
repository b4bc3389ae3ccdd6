import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chanceOverlap, countBits, countWordBits, maskOverlap, pairwiseOverlap } from '../../src/evaluate/overlap.js';

const word = fc.integer({ min: 0, max: 0xffffffff });
const slowBits = (value: number): number => value.toString(2).replaceAll('0', '').length;

describe('bit counts', () => {
  it.each([
    [0, 0],
    [1, 1],
    [0x80000000, 1],
    [0xffffffff, 32],
    [-1, 32],
    [0x55555555, 16],
  ])('of %i are %i', (value, count) => {
    expect(countWordBits(value)).toBe(count);
  });

  it('agree with binary digits', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 9 }), (words) => {
        expect(countBits(Uint32Array.from(words))).toBe(words.reduce((sum, value) => sum + slowBits(value), 0));
      }),
      { seed: 1 },
    );
  });
});

describe('overlap of masks', () => {
  const mask = (...words: number[]): Uint32Array => Uint32Array.from(words);

  it('divides what all keep by what any keeps', () => {
    const overlap = maskOverlap([mask(0b1111), mask(0b0110), mask(0b1100)], 8);
    expect(overlap).toMatchObject({ kept: [4, 2, 2], intersection: 1, union: 4, raw: 0.25 });
    const chance = (0.5 * 0.25 * 0.25) / (1 - 0.5 * 0.75 * 0.75);
    expect(overlap.chance).toBe(chance);
    expect(overlap.corrected).toBe((0.25 - chance) / (1 - chance));
  });

  it('agrees with counting bit by bit', () => {
    const masks = fc
      .integer({ min: 1, max: 4 })
      .chain((length) => fc.array(fc.array(word, { minLength: length, maxLength: length }), { minLength: 1, maxLength: 4 }));
    fc.assert(
      fc.property(masks, (words) => {
        const n = words[0]!.length * 32;
        const keeps = (t: number, e: number): boolean => (words[t]![e >> 5]! & (1 << (e & 31))) !== 0;
        const elements = Array.from({ length: n }, (_, e) => words.filter((_, t) => keeps(t, e)).length);
        const overlap = maskOverlap(
          words.map((w) => Uint32Array.from(w)),
          n,
        );
        expect(overlap.intersection).toBe(elements.filter((count) => count === words.length).length);
        expect(overlap.union).toBe(elements.filter((count) => count > 0).length);
        expect(overlap.kept).toEqual(words.map((_, t) => elements.filter((_, e) => keeps(t, e)).length));
      }),
      { seed: 1 },
    );
  });

  it('is 1, and 1 after correction, for equal masks', () => {
    expect(maskOverlap([mask(7, 1), mask(7, 1)], 64)).toMatchObject({ raw: 1, corrected: 1 });
  });

  it('falls below 0 after correction where masks avoid each other', () => {
    expect(maskOverlap([mask(0x0000ffff), mask(0xffff0000)], 32)).toMatchObject({
      raw: 0,
      chance: 1 / 3,
      corrected: -(1 / 3) / (1 - 1 / 3),
    });
  });

  it('is no finding where masks keep everything or nothing', () => {
    expect(maskOverlap([mask(0xffffffff), mask(0xffffffff)], 32)).toMatchObject({ raw: 1, chance: 1, corrected: 0 });
    expect(maskOverlap([mask(0), mask(0)], 32)).toMatchObject({ raw: 0, chance: 0, corrected: 0 });
    expect(maskOverlap([mask(), mask()], 0)).toMatchObject({ raw: 0, chance: 0, corrected: 0 });
  });

  it('compares every pair', () => {
    const matrix = pairwiseOverlap([mask(0b0011), mask(0b0110)], 32);
    expect(matrix.map((row) => row.map((cell) => cell.raw))).toEqual([
      [1, 1 / 3],
      [1 / 3, 1],
    ]);
  });

  it.each([
    ['OVERLAP_NO_MASKS', [], 0],
    ['OVERLAP_MASK_LENGTH', [mask(1), mask(1, 1)], 64],
    ['OVERLAP_PRUNABLE', [mask(7)], 2],
    ['OVERLAP_PRUNABLE', [mask(7)], 4.5],
  ])('refuses with %s', (code, masks, prunable) => {
    expect(() => maskOverlap(masks, prunable)).toThrow(expect.objectContaining({ code }));
  });
});

describe('chance level', () => {
  it.each([
    // s / (2 - s) for two masks that keep the same fraction s
    [0.5, 1 / 3],
    [0.1, 0.1 / 1.9],
  ])('of two masks that keep %f', (s, expected) => {
    expect(chanceOverlap([s * 1000, s * 1000], 1000)).toBeCloseTo(expected, 14);
  });

  it('is what random masks reach', () => {
    // A fixed linear congruential sequence: 3 masks of about 40 % over 320,000 weights.
    let state = 7;
    const masks = Array.from({ length: 3 }, () =>
      Uint32Array.from({ length: 10_000 }, () => {
        let bits = 0;
        for (let b = 0; b < 32; b++) {
          state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
          bits |= (state < 0.4 * 4294967296 ? 1 : 0) << b;
        }
        return bits;
      }),
    );
    const overlap = maskOverlap(masks, 320_000);
    expect(overlap.chance).toBeGreaterThan(0.07);
    expect(Math.abs(overlap.corrected)).toBeLessThan(0.005);
  });
});
