import { describe, expect, test } from 'vitest';
import { philox } from '../oracle/philox.js';
import { type Bench, onEveryBuild } from './harness.js';
import { bits, randomValues } from './matrices.js';

interface Case {
  readonly features: number;
  readonly positions: number;
  readonly stride: number;
  readonly probability: number;
}

const KEY = [0xdeadbeef, 5] as const;
const STREAM = 3;
const STEP = 0xfffffffe;

const tokensOf = (positions: number) => Uint32Array.from({ length: positions }, (_, p) => p >> 2);
const sentencesOf = (positions: number) => Uint32Array.from({ length: positions }, (_, p) => 0x90000000 + (p & 3));

const CASES: readonly Case[] = [1, 2, 3, 4, 5, 8, 31].flatMap((features, i) =>
  [0, 4, 12, 32].map((positions, j) => ({
    features,
    positions,
    stride: positions + 4 * ((i + j) % 2),
    probability: [0.3, 0.5, 0.9][(i + j) % 3]!,
  })),
);

function drop(bench: Bench, x: Float32Array, { features, positions, stride, probability }: Case, inPlace = false): Float32Array {
  const input = bench.f32(x);
  const output = inPlace ? input : bench.f32(x.map(() => -77));
  const tokens = bench.u32(tokensOf(positions));
  const sentences = bench.u32(sentencesOf(positions));
  bench.kernels.dropout(output, input, stride, features, positions, tokens, sentences, ...KEY, STREAM, STEP, probability);
  return bench.readF32(output, x.length);
}

/** What is between rows stays -77. */
function expected(x: Float32Array, { features, positions, stride, probability }: Case): Float32Array {
  const y = x.map(() => -77);
  const p32 = Math.fround(probability);
  const scale = Math.fround(1 / Math.fround(1 - p32));
  const threshold = Math.floor(p32 * 2 ** 32);
  for (let f = 0; f < features; f++) {
    for (let p = 0; p < positions; p++) {
      const counter = [((f >> 2) | (STREAM << 16)) >>> 0, tokensOf(positions)[p]!, sentencesOf(positions)[p]!, STEP] as const;
      const at = f * stride + p;
      y[at] = philox(KEY, counter)[f & 3]! >= threshold ? x[at]! * scale : 0;
    }
  }
  return y;
}

describe('dropout', () => {
  test.each(CASES)('keeps by the word of stream, feature, token, sentence and step ($features x $positions)', async (shape) => {
    const x = randomValues(shape.features * shape.stride, 1);
    for (const y of await onEveryBuild((bench) => drop(bench, x, shape))) expect(bits(y)).toEqual(bits(expected(x, shape)));
  });

  test('works in place', async () => {
    const shape = { features: 7, positions: 16, stride: 16, probability: 0.4 };
    const x = randomValues(7 * 16, 2);
    for (const y of await onEveryBuild((bench) => drop(bench, x, shape, true))) expect(bits(y)).toEqual(bits(expected(x, shape)));
  });

  test('writes +0 over what cannot be multiplied away, and keeps everything at probability 0', async () => {
    const shape = { features: 8, positions: 16, stride: 16, probability: 0.5 };
    const x = new Float32Array(8 * 16).fill(Number.NEGATIVE_INFINITY);
    for (const y of await onEveryBuild((bench) => drop(bench, x, shape))) {
      expect(y.every((value) => Object.is(value, 0) || value === Number.NEGATIVE_INFINITY)).toBe(true);
      expect(y.some((value) => value === 0)).toBe(true);
    }
    for (const y of await onEveryBuild((bench) => drop(bench, x, { ...shape, probability: 0 }))) expect(y).toEqual(x);
  });

  test('drops the asked share and keeps the mean', async () => {
    const shape = { features: 200, positions: 200, stride: 200, probability: 0.3 };
    const n = 200 * 200;
    const [y] = await onEveryBuild((bench) => drop(bench, new Float32Array(n).fill(1), shape));
    const kept = y!.reduce((count, value) => count + (value === 0 ? 0 : 1), 0);
    expect(Math.abs(kept / n - 0.7)).toBeLessThan(4.5 * Math.sqrt(0.21 / n));
    expect(y!.find((value) => value !== 0)).toBe(Math.fround(1 / Math.fround(1 - Math.fround(0.3))));
  });

  test('an entry depends on its keys, not on its place', async () => {
    const x = new Float32Array(6 * 8).fill(1);
    const results = await onEveryBuild((bench) => {
      const at = (tokens: number[], sentences: number[]) => {
        const input = bench.f32(x);
        bench.kernels.dropout(input, input, 8, 6, 8, bench.u32(tokens), bench.u32(sentences), 1, 2, 3, 4, 0.5);
        return bench.readF32(input, x.length);
      };
      return [at([0, 1, 2, 3, 4, 5, 6, 7], [9, 9, 9, 9, 8, 8, 8, 8]), at([7, 6, 5, 4, 3, 2, 1, 0], [8, 8, 8, 8, 9, 9, 9, 9])] as const;
    });
    for (const [there, back] of results) {
      for (let f = 0; f < 6; f++) expect([...back.subarray(8 * f, 8 * f + 8)].reverse()).toEqual([...there.subarray(8 * f, 8 * f + 8)]);
    }
  });
});
