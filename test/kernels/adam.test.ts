import { describe, expect, test } from 'vitest';
import { type AdamSettings, adamStep, clipped } from '../oracle/optimizer.js';
import { type Bench, onEveryBuild } from './harness.js';
import { bits, isKept, randomMask, randomValues } from './matrices.js';

const SIZES = [0, 1, 3, 4, 5, 31, 32, 33, 1000];

const MASKS: readonly [string, (n: number) => Uint32Array | undefined][] = [
  ['no mask', () => undefined],
  ['all kept', (n) => randomMask(n, 2, 1)],
  ['all pruned', (n) => randomMask(n, -1, 1)],
  ['a random mask', (n) => randomMask(n, 0.4, 3)],
];

const SETTINGS: AdamSettings = { rate: 0.002, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, correction1: 0.271, correction2: 0.002997001 };

interface State {
  readonly w: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
  readonly g: Float32Array;
}

/** Weights, moments (some about to vanish) and gradients (some large). */
function state(n: number): State {
  const w = randomValues(n, 21);
  const m = randomValues(n, 22).map((value, e) => (e % 7 === 3 ? 1.05e-30 * value : value));
  const v = randomValues(n, 23).map((value, e) => (e % 7 === 3 ? 1e-30 : value * value));
  const g = randomValues(n, 24).map((value, e) => (e % 7 === 3 ? 0 : e % 11 === 5 ? 100 * value : value));
  return { w, m, v, g };
}

function step(bench: Bench, { w, m, v, g }: State, mask: Uint32Array | undefined, scale: number, clip: number): Uint32Array[] {
  const [pw, pm, pv, pg] = [bench.f32(w), bench.f32(m), bench.f32(v), bench.f32(g)];
  const { rate, beta1, beta2, epsilon, correction1, correction2 } = SETTINGS;
  const pMask = mask ? bench.u32(mask) : 0;
  bench.kernels.adam(pw, pm, pv, pg, pMask, w.length, rate, beta1, beta2, epsilon, correction1, correction2, scale, clip);
  return [pw, pm, pv].map((pointer) => bits(bench.readF32(pointer, w.length)));
}

function expected({ w, m, v, g }: State, mask: Uint32Array | undefined, scale: number, clip: number): Uint32Array[] {
  const next = [w.slice(), m.slice(), v.slice()] as const;
  w.forEach((weight, e) => {
    if (mask && !isKept(mask, e)) return;
    adamStep(weight, m[e]!, v[e]!, clipped(g[e]!, scale, clip), SETTINGS).forEach((value, part) => {
      next[part]![e] = value;
    });
  });
  return next.map(bits);
}

describe.each(MASKS)('adam under %s', (_name, maskOf) => {
  test.each(SIZES)('rounds each operation in the documented order, on every build (%i)', async (n) => {
    for (const [scale, clip] of [
      [1, Number.POSITIVE_INFINITY],
      [0.37, 0.2],
    ] as const) {
      const [before, mask] = [state(n), maskOf(n)];
      const after = expected(before, mask, scale, clip);
      for (const result of await onEveryBuild((bench) => step(bench, before, mask, scale, clip))) expect(result).toEqual(after);
    }
  });
});

describe('adam', () => {
  test('leaves alone what a pruned element holds, even what is not finite', async () => {
    const mask = Uint32Array.of(0b01010);
    const before = { ...state(5), w: new Float32Array(5).fill(Number.NEGATIVE_INFINITY), g: new Float32Array(5).fill(Number.NaN) };
    for (const [w, m, v] of await onEveryBuild((bench) => step(bench, before, mask, 1, 5))) {
      for (const e of [0, 2, 4]) {
        expect(w![e]).toBe(0xff800000);
        expect(m![e]).toBe(bits(before.m)[e]);
        expect(v![e]).toBe(bits(before.v)[e]);
      }
    }
  });

  test('a first step moves each weight by the rate against the sign of its gradient', async () => {
    const n = 9;
    const zero = new Float32Array(n);
    const g = randomValues(n, 5);
    for (const results of await onEveryBuild((bench) => {
      const [pw, pm, pv, pg] = [bench.f32(zero), bench.f32(zero), bench.f32(zero), bench.f32(g)];
      bench.kernels.adam(pw, pm, pv, pg, 0, n, 0.01, 0.9, 0.999, 1e-8, 1 - 0.9, 1 - 0.999, 1, Number.POSITIVE_INFINITY);
      return bench.readF32(pw, n);
    })) {
      results.forEach((moved, e) => {
        expect(Math.abs(moved + 0.01 * Math.sign(g[e]!))).toBeLessThan(1e-6);
      });
    }
  });
});

test.each([1, 5, 32])('adamRows moves each listed row by its own gradient, and no other row (%i)', async (n) => {
  const [rows, list] = [6, [1, 2, 5]];
  const before = state(rows * n);
  const g = randomValues(list.length * n, 25);
  const { rate, beta1, beta2, epsilon, correction1, correction2 } = SETTINGS;
  const settings = [rate, beta1, beta2, epsilon, correction1, correction2, 0.37, 0.2] as const;
  const results = await onEveryBuild((bench) => {
    const place = () => [bench.f32(before.w), bench.f32(before.m), bench.f32(before.v)] as const;
    const read = (planes: readonly number[]) => planes.map((pointer) => bench.readU32(pointer, rows * n));
    const [one, all, gradients] = [place(), place(), bench.f32(g)];
    list.forEach((row, i) => {
      const [w, m, v] = one.map((plane) => plane + 4 * row * n) as [number, number, number];
      bench.kernels.adam(w, m, v, gradients + 4 * i * n, 0, n, ...settings);
    });
    bench.kernels.adamRows(...all, gradients, n, bench.i32(list), 0, 2, ...settings);
    bench.kernels.adamRows(...all, gradients, n, bench.i32(list), 2, 3, ...settings);
    expect(read(all)).toEqual(read(one));
    expect(read(all)[0]).not.toEqual(bits(before.w));
    return read(all);
  });
  for (const result of results) expect(result).toEqual(results[0]);
});
