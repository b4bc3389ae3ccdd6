import { expect, test } from 'vitest';
import { onEveryBuild } from './harness.js';
import { bits, isKept, randomMask, randomValues } from './matrices.js';

const SIZES = [1, 4, 31, 32, 33, 64, 100, 257];

test.each(SIZES)('maskApply writes +0 at pruned entries and leaves the others and what follows alone (%i elements)', async (n) => {
  const w = randomValues(n + 5, 40);
  w[0] = -0;
  w[n - 1] = Number.NEGATIVE_INFINITY;
  const mask = randomMask(n, 0.5, 41);
  const expected = w.map((value, e) => (e >= n || isKept(mask, e) ? value : 0));
  await onEveryBuild((bench) => {
    const pointer = bench.f32(w);
    bench.kernels.maskApply(pointer, bench.u32(mask), n);
    expect(bits(bench.readF32(pointer, n + 5))).toEqual(bits(expected));
  });
});

test('maskApply clears even what cannot be multiplied away', async () => {
  await onEveryBuild((bench) => {
    const pointer = bench.f32(new Float32Array(40).fill(Number.NaN).fill(-1, 20));
    bench.kernels.maskApply(pointer, bench.u32([0, 0]), 40);
    expect([...bench.readU32(pointer, 40)]).toEqual(new Array(40).fill(0));
  });
});

test('maskApply without a mask keeps all', async () => {
  const w = randomValues(40, 42);
  await onEveryBuild((bench) => {
    const pointer = bench.f32(w);
    bench.kernels.maskApply(pointer, 0, 40);
    expect(bench.readF32(pointer, 40)).toEqual(w);
  });
});

test.each(SIZES)('counts, intersects and unites masks of %i elements as sets', async (n) => {
  const a = randomMask(n, 0.6, 43);
  const b = randomMask(n, 0.3, 44);
  const elements = Array.from({ length: n }, (_, e) => e);
  const [inA, inB] = [elements.filter((e) => isKept(a, e)), elements.filter((e) => isKept(b, e))];
  const both = inA.filter((e) => isKept(b, e)).length;
  await onEveryBuild((bench) => {
    const { kernels } = bench;
    const [pa, pb, out] = [bench.u32(a), bench.u32(b), bench.words(a.length)] as const;
    expect(kernels.maskCount(pa, a.length)).toBe(inA.length);
    expect(kernels.maskCount(pb, b.length)).toBe(inB.length);
    expect(kernels.maskCountIntersection(pa, pb, a.length)).toBe(both);
    expect(kernels.maskCountUnion(pa, pb, a.length)).toBe(inA.length + inB.length - both);
    kernels.maskIntersect(out, pa, pb, a.length);
    expect(bench.readU32(out, a.length)).toEqual(a.map((word, i) => word & b[i]!));
    kernels.maskUnite(out, pa, pb, a.length);
    expect(bench.readU32(out, a.length)).toEqual(a.map((word, i) => word | b[i]!));
    kernels.maskIntersect(pa, pa, pb, a.length);
    expect(kernels.maskCount(pa, a.length)).toBe(both);
  });
});
