import { describe, expect, test } from 'vitest';
import { MASK_BITS } from '../../src/runtime/layout.js';
import { type Bench, onEveryBuild, testNumbers } from './harness.js';
import { isKept, randomMask, randomValues } from './matrices.js';

function prune(bench: Bench, weights: Float32Array, mask: Uint32Array | null, keep: number): { kept: number; mask: Uint32Array } {
  const words = Math.ceil(weights.length / MASK_BITS);
  const out = bench.u32(new Uint32Array(words).fill(0xdeadbeef));
  const scratch = bench.words(bench.kernels.pruneScratchBytes() / 4);
  const kept = bench.kernels.pruneByMagnitude(out, bench.f32(weights), mask ? bench.u32(mask) : 0, weights.length, keep, scratch);
  return { kept, mask: bench.readU32(out, words) };
}

/** The same by sorting. */
function pruneOracle(weights: Float32Array, mask: Uint32Array | null, keep: number): Uint32Array {
  const survivors = Array.from(weights.keys())
    .filter((e) => mask === null || isKept(mask, e))
    .sort((a, b) => Math.abs(weights[b]!) - Math.abs(weights[a]!) || a - b)
    .slice(0, keep);
  const out = new Uint32Array(Math.ceil(weights.length / MASK_BITS));
  for (const e of survivors) out[e >> 5]! |= 1 << (e & 31);
  return out;
}

function countOf(mask: Uint32Array, n: number): number {
  let count = 0;
  for (let e = 0; e < n; e++) count += Number(isKept(mask, e));
  return count;
}

/** Weights of few magnitudes, both signs, with zeros, -0, denormals and infinities: mostly ties. */
function tiedValues(count: number, seed: number): Float32Array {
  const choices = [0, -0, 1, -1, 0.5, -0.5, 1e-40, -1e-40, 3e38, Number.POSITIVE_INFINITY, 1 + 2 ** -23, -(1 + 2 ** -22)];
  const next = testNumbers(seed);
  return Float32Array.from({ length: count }, () => choices[Math.floor(((next() + 1) / 2) * choices.length)]!);
}

describe('pruneByMagnitude', () => {
  test.each([1, 31, 32, 33, 200, 1000])('keeps what a stable sort by magnitude keeps, for every kind of target (%i weights)', async (n) => {
    await onEveryBuild((bench) => {
      for (const [name, weights] of [
        ['spread', randomValues(n, 50)],
        ['tied', tiedValues(n, 51)],
        ['equal', new Float32Array(n).fill(-0.25)],
      ] as const) {
        for (const mask of [null, randomMask(n, 0.7, 52)]) {
          const available = mask ? countOf(mask, n) : n;
          for (const keep of new Set([0, Math.min(1, available), available >> 1, Math.max(0, available - 1), available])) {
            const result = prune(bench, weights, mask, keep);
            expect(result.kept, `${name}, ${keep} of ${available}`).toBe(keep);
            expect(result.mask, `${name}, ${keep} of ${available}`).toEqual(pruneOracle(weights, mask, keep));
          }
        }
      }
    });
  });

  test('lets the lower index survive a tie, whatever the sign', async () => {
    await onEveryBuild((bench) => {
      expect(prune(bench, Float32Array.of(1, -2, 2, -2, 1), null, 2).mask[0]).toBe(0b00110);
      expect(prune(bench, Float32Array.of(0, -0, 0, -0), null, 2).mask[0]).toBe(0b0011);
    });
  });

  test('tells apart magnitudes that differ in the last bit only', async () => {
    await onEveryBuild((bench) => {
      const weights = Float32Array.from({ length: 64 }, (_, e) => 1 + ((e * 37) % 64) * 2 ** -23);
      expect(prune(bench, weights, null, 20).mask).toEqual(pruneOracle(weights, null, 20));
    });
  });

  test('nests the masks of successive rounds and works in place', async () => {
    const n = 3000;
    await onEveryBuild((bench) => {
      const scratch = bench.words(bench.kernels.pruneScratchBytes() / 4);
      const words = Math.ceil(n / MASK_BITS);
      const mask = bench.u32(randomMask(n, 1, 53));
      let before = bench.readU32(mask, words);
      let keep = n;
      for (let round = 1; round <= 8; round++) {
        const weights = round % 2 ? randomValues(n, 60 + round) : tiedValues(n, 60 + round);
        keep = Math.floor(keep * 0.7);
        expect(bench.kernels.pruneByMagnitude(mask, bench.f32(weights), mask, n, keep, scratch)).toBe(keep);
        const after = bench.readU32(mask, words);
        expect(after).toEqual(pruneOracle(weights, before, keep));
        expect(after.every((word, i) => (word & ~before[i]!) === 0)).toBe(true);
        before = after;
      }
    });
  });

  test('ignores weights and mask bits past the end', async () => {
    await onEveryBuild((bench) => {
      const scratch = bench.words(bench.kernels.pruneScratchBytes() / 4);
      const weights = bench.f32([1, 2, 3, 100, 100]);
      const out = bench.words(1);
      expect(bench.kernels.pruneByMagnitude(out, weights, bench.u32([0xffffffff]), 3, 2, scratch)).toBe(2);
      expect(bench.readU32(out, 1)[0]).toBe(0b110);
    });
  });
});
