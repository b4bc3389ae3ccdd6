import { describe, expect, test } from 'vitest';
import { philox } from '../oracle/philox.js';
import { type Bench, onEveryBuild } from './harness.js';
import { bits } from './matrices.js';

/** Counter, key and block: the known answers published with the authors' Random123 library. */
const KNOWN_ANSWERS: readonly [readonly number[], readonly number[], readonly number[]][] = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

const SIZES = [0, 1, 2, 3, 4, 5, 31, 32, 33, 1000];

test('philox4x32 gives the published blocks', async () => {
  for (const [counter, key, block] of KNOWN_ANSWERS) {
    const results = await onEveryBuild((bench) => {
      const out = bench.words(4);
      const [c0, c1, c2, c3] = counter as [number, number, number, number];
      bench.kernels.philox4x32(out, key[0]!, key[1]!, c0, c1, c2, c3);
      return [...bench.readU32(out, 4)];
    });
    for (const result of results) expect(result).toEqual(block);
    expect(philox([key[0]!, key[1]!], counter as [number, number, number, number])).toEqual(block); // the oracle too
  }
});

test.each(SIZES)('randomWords writes the first words of a stream, and no more (%i)', async (n) => {
  const expected = Array.from({ length: n }, (_, w) => philox([7, 0xfffffff0], [w >> 2, 3, 0x80000001, 5])[w & 3]!);
  const results = await onEveryBuild((bench) => {
    const out = bench.words(n);
    bench.kernels.randomWords(out, n, 7, 0xfffffff0, 3, 0x80000001, 5);
    return [...bench.readU32(out, n)];
  });
  for (const result of results) expect(result).toEqual(expected);
});

const uniform = (bench: Bench, n: number, low: number, high: number, stream: number) => {
  const out = bench.words(n);
  bench.kernels.fillUniform(out, n, low, high, 11, 12, stream);
  return bench.readF32(out, n);
};

const normal = (bench: Bench, n: number, deviation: number, stream: number) => {
  const out = bench.words(n);
  bench.kernels.fillNormal(out, n, deviation, 11, 12, stream);
  return bench.readF32(out, n);
};

describe('fillUniform', () => {
  test.each(SIZES)('rounds low + (high - low) u step by step, u the upper 24 bits of a word (%i)', async (n) => {
    const [low, high] = [Math.fround(-0.3), Math.fround(0.1)];
    const width = Math.fround(high - low);
    const expected = Float32Array.from({ length: n }, (_, e) => {
      const u = (philox([11, 12], [e >> 2, 9, 0, 0])[e & 3]! >>> 8) * 2 ** -24;
      return low + Math.fround(width * u);
    });
    for (const values of await onEveryBuild((bench) => uniform(bench, n, low, high, 9))) expect(bits(values)).toEqual(bits(expected));
  });

  test('covers its range evenly and never reaches its end', async () => {
    const n = 40_000;
    const [values] = await onEveryBuild((bench) => uniform(bench, n, 0, 1, 1));
    const tenths = new Array<number>(10).fill(0);
    for (const value of values!) {
      expect(value >= 0 && value < 1).toBe(true);
      tenths[Math.floor(value * 10)]! += 1;
    }
    for (const count of tenths) expect(Math.abs(count - n / 10)).toBeLessThan(4.5 * Math.sqrt(n * 0.09));
  });
});

describe('fillNormal', () => {
  /** Element `e`, in f64 but for the candidate, whose acceptance is decided in f32. */
  function expectedNormal(e: number, deviation: number, stream: number): number {
    for (let attempt = 0; ; attempt++) {
      const [x, y] = philox([11, 12], [e >> 1, stream, attempt, 1])
        .slice(0, 2)
        .map((word) => ((word | 0) >> 8) * 2 ** -23) as [number, number];
      const s = Math.fround(Math.fround(x * x) + Math.fround(y * y));
      if (s > 0 && s < 1) return deviation * (e % 2 === 0 ? x : y) * Math.sqrt((-2 * Math.log(s)) / s);
    }
  }

  test.each(SIZES)('agrees with the polar method in f64, bit-equal in every build (%i)', async (n) => {
    const results = await onEveryBuild((bench) => normal(bench, n, 0.5, 4));
    results[0]!.forEach((value, e) => {
      const expected = expectedNormal(e, 0.5, 4);
      expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-6 * Math.abs(expected));
    });
    for (const result of results) expect(bits(result)).toEqual(bits(results[0]!));
  });

  test('an element does not depend on how many are drawn, whatever was rejected before it', async () => {
    const [long, short] = (await onEveryBuild((bench) => [normal(bench, 999, 1, 5), normal(bench, 500, 1, 5)]))[0]!;
    expect(bits(long!.slice(0, 500))).toEqual(bits(short!));
  });

  test('has the mean, spread and tails of a normal distribution', async () => {
    const n = 100_000;
    const [values] = await onEveryBuild((bench) => normal(bench, n, 2, 6));
    const mean = values!.reduce((sum, value) => sum + value, 0) / n;
    const variance = values!.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
    const beyond = (limit: number) => values!.reduce((count, value) => count + (Math.abs(value) > limit ? 1 : 0), 0) / n;
    expect(Math.abs(mean)).toBeLessThan((4.5 * 2) / Math.sqrt(n));
    expect(Math.abs(variance / 4 - 1)).toBeLessThan(4.5 * Math.sqrt(2 / n));
    expect(beyond(2)).toBeCloseTo(0.3173, 2);
    expect(beyond(4)).toBeCloseTo(0.0455, 2);
  });
});

test('streams, keys and kinds of value do not repeat each other', async () => {
  await onEveryBuild((bench) => {
    const draws = [uniform(bench, 64, -1, 1, 1), uniform(bench, 64, -1, 1, 2), normal(bench, 64, 1, 1), normal(bench, 64, 1, 2)];
    const seen = new Set(draws.flatMap((values) => [...values]));
    expect(seen.size).toBe(4 * 64);
  });
});
