import { describe, expect, test } from 'vitest';
import { onEveryBuild } from './harness.js';
import { isKept, randomMask, randomValues } from './matrices.js';

const SIZES = [0, 1, 2, 3, 4, 5, 31, 32, 33, 255, 256, 257, 1000];

const MASKS: readonly [string, (n: number) => Uint32Array | undefined][] = [
  ['no mask', () => undefined],
  ['all kept', (n) => randomMask(n, 2, 1)],
  ['all pruned', (n) => randomMask(n, -1, 1)],
  ['a random mask', (n) => randomMask(n, 0.4, 3)],
];

/** The documented order, in f64. */
function sumOfSquares(values: Float32Array, mask: Uint32Array | undefined): number {
  let sum = 0;
  for (let begin = 0; begin < values.length; begin += 256) {
    const parts: [number, number, number, number] = [0, 0, 0, 0];
    for (let e = begin; e < Math.min(begin + 256, values.length); e++) {
      if (!mask || isKept(mask, e)) parts[e % 4]! += values[e]! * values[e]!;
    }
    sum += parts[0] + parts[2] + (parts[1] + parts[3]);
  }
  return sum;
}

describe.each(MASKS)('sumOfSquares under %s', (name, maskOf) => {
  test.each(SIZES)('adds squares in f64 in the documented order (%i)', async (n) => {
    const values = randomValues(n, 5).map((value, e) => value * 10 ** ((e % 13) - 6));
    const mask = maskOf(n);
    const expected = sumOfSquares(values, mask);
    const results = await onEveryBuild((bench) => bench.kernels.sumOfSquares(bench.f32(values), mask ? bench.u32(mask) : 0, n));
    for (const result of results) expect(result).toBe(expected);
    if (name === 'all pruned') expect(expected).toBe(0);
  });
});

test('sumOfSquares does not see what a pruned element holds', async () => {
  const values = randomValues(70, 6);
  const mask = randomMask(70, 0.5, 7);
  const expected = sumOfSquares(values, mask);
  const poisoned = values.map((value, e) => (isKept(mask, e) ? value : Number.NaN));
  for (const result of await onEveryBuild((bench) => bench.kernels.sumOfSquares(bench.f32(poisoned), bench.u32(mask), 70))) {
    expect(result).toBe(expected);
  }
});

test('sumOfSquares keeps what f32 would lose: large squares, tiny squares, NaN', async () => {
  await onEveryBuild((bench) => {
    expect(bench.kernels.sumOfSquares(bench.f32([3e38, 1e-30, 1e-30, 1e-30, 2]), 0, 5)).toBeGreaterThan(8.9e76);
    expect(bench.kernels.sumOfSquares(bench.f32([1e-30]), 0, 1)).toBe(Math.fround(1e-30) ** 2);
    expect(bench.kernels.sumOfSquares(bench.f32([1, 2, 3, 4, 5, 6, Number.NaN]), 0, 7)).toBeNaN();
  });
});

describe.each(MASKS)('sumOfSquaresBlocks under %s', (_name, maskOf) => {
  test.each(SIZES)('gives, added in ascending order, the bits of the whole sum, whoever computes a block (%i)', async (n) => {
    const values = randomValues(n, 5).map((value, e) => value * 10 ** ((e % 13) - 6));
    const mask = maskOf(n);
    const expected = sumOfSquares(values, mask);
    const blocks = Math.ceil(n / 256);
    await onEveryBuild((bench) => {
      const [out, pointer, bits] = [bench.words(2 * blocks), bench.f32(values), mask ? bench.u32(mask) : 0];
      bench.kernels.sumOfSquaresBlocks(out, pointer, bits, n, 1, blocks);
      bench.kernels.sumOfSquaresBlocks(out, pointer, bits, n, 0, Math.min(1, blocks));
      const sums = new Float64Array(bench.runtime.arena.memory.buffer, out, blocks);
      expect(sums.reduce((sum, block) => sum + block, 0)).toBe(expected);
    });
  });
});

test.each([1, 5, 256, 300])('sumOfSquaresRows adds the sum of each row to what there is, rows ascending (%i)', async (n) => {
  const values = randomValues(5 * n, 5).map((value, e) => value * 10 ** ((e % 13) - 6));
  const start = 1 / 3;
  const rows = Array.from({ length: 5 }, (_, r) => sumOfSquares(values.subarray(r * n, (r + 1) * n), undefined));
  const expected = rows.reduce((sum, row) => sum + row, start);
  for (const result of await onEveryBuild((bench) => bench.kernels.sumOfSquaresRows(bench.f32(values), n, 5, start))) {
    expect(result).toBe(expected);
  }
});

test.each(SIZES)('sumGathered adds the listed values in f64, in the order of the list (%i)', async (n) => {
  const values = randomValues(200, 8).map((value, e) => value * 10 ** ((e % 9) - 4));
  const index = Uint32Array.from({ length: n }, (_, i) => (i * 37 + 11) % 200);
  const expected = index.reduce((sum, i) => sum + values[i]!, 0);
  for (const result of await onEveryBuild((bench) => bench.kernels.sumGathered(bench.f32(values), bench.u32(index), n))) {
    expect(result).toBe(expected);
  }
});

describe('firstNonFinite', () => {
  test.each(SIZES)('finds nothing among finite values, nor past their end (%i)', async (n) => {
    const values = Float32Array.from({ length: n + 4 }, (_, e) => (e < n ? [3.4e38, -3.4e38, 1e-45, -0][e % 4]! : Number.NaN));
    for (const result of await onEveryBuild((bench) => bench.kernels.firstNonFinite(bench.f32(values), n))) expect(result).toBe(-1);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('finds the first of two %d anywhere', async (value) => {
    await onEveryBuild((bench) => {
      for (let e = 0; e < 11; e++) {
        const values = randomValues(11, 9);
        values[e] = value;
        values[10] = value;
        expect(bench.kernels.firstNonFinite(bench.f32(values), 11)).toBe(e);
      }
    });
  });
});
