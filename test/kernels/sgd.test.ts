import { describe, expect, test } from 'vitest';
import { clipped, sgdStep } from '../oracle/optimizer.js';
import { type Bench, onEveryBuild } from './harness.js';
import { bits, isKept, randomMask, randomValues } from './matrices.js';

const SIZES = [0, 1, 3, 4, 5, 31, 32, 33, 1000];

const MASKS: readonly [string, (n: number) => Uint32Array | undefined][] = [
  ['no mask', () => undefined],
  ['all kept', (n) => randomMask(n, 2, 1)],
  ['all pruned', (n) => randomMask(n, -1, 1)],
  ['a random mask', (n) => randomMask(n, 0.4, 3)],
];

interface Settings {
  readonly rate: number;
  readonly momentum: number;
  readonly scale: number;
  readonly clip: number;
  readonly coasting: boolean;
}

const SETTINGS: readonly Settings[] = [
  { rate: 0.1, momentum: 0.9, scale: 1, clip: Number.POSITIVE_INFINITY, coasting: false },
  { rate: 0.05, momentum: 0.9, scale: 0.37, clip: 0.2, coasting: false },
  { rate: 0.05, momentum: 0.9, scale: 3, clip: 0.2, coasting: true },
  { rate: 0.1, momentum: 0, scale: 1, clip: 5, coasting: true },
];

interface State {
  readonly w: Float32Array;
  readonly v: Float32Array;
  readonly g: Float32Array;
}

/** Weights, velocities (some about to vanish) and gradients (some large). */
function state(n: number): State {
  const w = randomValues(n, 11);
  const v = randomValues(n, 12).map((value, e) => (e % 7 === 3 ? 1.05e-30 * value : value));
  const g = randomValues(n, 13).map((value, e) => (e % 7 === 3 ? 0 : e % 11 === 5 ? 100 * value : value));
  return { w, v, g };
}

function step(bench: Bench, { w, v, g }: State, mask: Uint32Array | undefined, settings: Settings): Uint32Array[] {
  const [pw, pv, pg] = [bench.f32(w), bench.f32(v), bench.f32(g)];
  const { rate, momentum, scale, clip, coasting } = settings;
  bench.kernels.sgdMomentum(pw, pv, pg, mask ? bench.u32(mask) : 0, w.length, rate, momentum, scale, clip, coasting ? 1 : 0);
  expect(bits(bench.readF32(pg, g.length))).toEqual(bits(g));
  return [bits(bench.readF32(pw, w.length)), bits(bench.readF32(pv, v.length))];
}

function expected({ w, v, g }: State, mask: Uint32Array | undefined, settings: Settings): Uint32Array[] {
  const [nextW, nextV] = [w.slice(), v.slice()];
  w.forEach((weight, e) => {
    const kept = !mask || isKept(mask, e);
    if (!kept && !settings.coasting) return;
    const gradient = kept ? clipped(g[e]!, settings.scale, settings.clip) : 0;
    [nextW[e], nextV[e]] = sgdStep(weight, v[e]!, gradient, settings.rate, settings.momentum) as [number, number];
  });
  return [bits(nextW), bits(nextV)];
}

describe.each(MASKS)('sgdMomentum under %s', (_name, maskOf) => {
  test.each(SIZES)('rounds each operation in the documented order, on every build (%i)', async (n) => {
    for (const settings of SETTINGS) {
      const [before, mask] = [state(n), maskOf(n)];
      const after = expected(before, mask, settings);
      for (const result of await onEveryBuild((bench) => step(bench, before, mask, settings))) expect(result).toEqual(after);
    }
  });
});

describe('sgdMomentum', () => {
  const settings = SETTINGS[0]!;

  test('makes a vanishing velocity +0, never -0', async () => {
    const before = { w: Float32Array.of(1, 1, 1, 1, 1), v: new Float32Array(5).fill(-1e-30), g: new Float32Array(5) };
    for (const [w, v] of await onEveryBuild((bench) => step(bench, before, undefined, settings))) {
      expect([...v!]).toEqual([0, 0, 0, 0, 0]);
      expect(w).toEqual(bits(before.w));
    }
  });

  test('leaves alone what a pruned element holds, even what is not finite', async () => {
    const mask = Uint32Array.of(0b01010);
    const before = {
      w: new Float32Array(5).fill(Number.NEGATIVE_INFINITY),
      v: randomValues(5, 1),
      g: new Float32Array(5).fill(Number.NaN),
    };
    for (const [w, v] of await onEveryBuild((bench) => step(bench, before, mask, settings))) {
      for (const e of [0, 2, 4]) {
        expect(w![e]).toBe(0xff800000);
        expect(v![e]).toBe(bits(before.v)[e]);
      }
    }
  });

  test.each([0, -0])('leaves the sign of a pruned zero alone (%d)', async (zero) => {
    const mask = Uint32Array.of(0b01010);
    const before = { w: new Float32Array(5).fill(zero), v: randomValues(5, 1), g: randomValues(5, 2) };
    for (const rate of [0, settings.rate]) {
      for (const [w] of await onEveryBuild((bench) => step(bench, before, mask, { ...settings, rate }))) {
        for (const e of [0, 2, 4]) expect(w![e]).toBe(bits(before.w)[e]);
      }
    }
  });

  test('a coasting element does not see its gradient, even one that is not finite', async () => {
    const mask = Uint32Array.of(0);
    const before = { ...state(9), g: new Float32Array(9).fill(Number.NaN) };
    const coasting = { ...settings, coasting: true };
    const after = expected(before, mask, coasting);
    for (const result of await onEveryBuild((bench) => step(bench, before, mask, coasting))) expect(result).toEqual(after);
  });

  test('a gradient that is not a number reaches weight and velocity, clipping or not', async () => {
    const before = { ...state(5), g: new Float32Array(5).fill(Number.NaN) };
    for (const clip of [5, Number.POSITIVE_INFINITY]) {
      for (const words of await onEveryBuild((bench) => step(bench, before, undefined, { ...settings, clip }))) {
        for (const values of words) expect([...new Float32Array(values.buffer)].every(Number.isNaN)).toBe(true);
      }
    }
  });
});

describe('sgdReplayRow', () => {
  const RATES = Float32Array.from({ length: 900 }, (_, s) => 0.1 / (1 + s / 300));

  test.each(SIZES)('gives the bits of as many steps at zero gradient (%i)', async (n) => {
    for (const [first, last] of [
      [0, 0],
      [0, 1],
      [3, 40],
      [5, 900],
    ] as const) {
      const { w, v } = state(n);
      const results = await onEveryBuild((bench) => {
        const [pw, pv, zero] = [bench.f32(w), bench.f32(v), bench.words(n)];
        for (let s = first; s < last; s++) bench.kernels.sgdMomentum(pw, pv, zero, 0, n, RATES[s]!, 0.9, 1, 5, 0);
        const [qw, qv] = [bench.f32(w), bench.f32(v)];
        bench.kernels.sgdReplayRow(qw, qv, n, bench.f32(RATES), first, last, 0.9);
        expect(bits(bench.readF32(qw, n))).toEqual(bits(bench.readF32(pw, n)));
        expect(bits(bench.readF32(qv, n))).toEqual(bits(bench.readF32(pv, n)));
        return [...bits(bench.readF32(qw, n)), ...bits(bench.readF32(qv, n))];
      });
      for (const result of results) expect(result).toEqual(results[0]);
    }
  });

  test('brings every velocity to +0 in the end, and then moves nothing', async () => {
    const { w, v } = state(10);
    await onEveryBuild((bench) => {
      const [pw, pv, rates] = [bench.f32(w), bench.f32(v), bench.f32(RATES)];
      bench.kernels.sgdReplayRow(pw, pv, 10, rates, 0, 700, 0.9);
      const settled = bench.readU32(pw, 10);
      expect([...bench.readU32(pv, 10)]).toEqual(new Array(10).fill(0));
      bench.kernels.sgdReplayRow(pw, pv, 10, rates, 700, 900, 0.9);
      expect(bench.readU32(pw, 10)).toEqual(settled);
    });
  });
});

describe('rows of a table', () => {
  const ROWS = 7;
  const STEP = 12;
  const RATES = Float32Array.from({ length: STEP + 1 }, (_, s) => 0.1 / (1 + s));
  const DONE = Int32Array.of(12, 0, 3, 12, 7, 11, 2);

  /** The table after the kernel `run`, and the steps that its rows have done. */
  async function onTables(n: number, run: (bench: Bench, w: number, v: number, rates: number, done: number) => void) {
    const { w, v } = state(ROWS * n);
    return onEveryBuild((bench) => {
      const [pw, pv, done] = [bench.f32(w), bench.f32(v), bench.i32(DONE)];
      run(bench, pw, pv, bench.f32(RATES), done);
      return [bench.readU32(pw, ROWS * n), bench.readU32(pv, ROWS * n), bench.readI32(done, ROWS)];
    });
  }

  test.each([1, 5, 32])('sgdReplayRows replays what each listed row has missed, once, and no other row (%i)', async (n) => {
    const list = [4, -1, 1, 4, 6, 3, -1];
    const [first, ...others] = await onTables(n, ({ kernels }, w, v, rates) => {
      for (const row of [4, 1, 6]) kernels.sgdReplayRow(w + 4 * row * n, v + 4 * row * n, n, rates, DONE[row]!, STEP, 0.9);
    });
    for (const other of others) expect(other).toEqual(first);
    const replayed = DONE.map((done, row) => ([4, 1, 6].includes(row) ? STEP : done));
    const found = await onTables(n, (bench, w, v, rates, done) => {
      const rows = bench.i32(list);
      bench.kernels.sgdReplayRows(w, v, n, rows, 2, list.length, done, rates, STEP, 0.9);
      bench.kernels.sgdReplayRows(w, v, n, rows, 0, 2, done, rates, STEP, 0.9);
    });
    for (const result of found) expect(result).toEqual([...first!.slice(0, 2), replayed]);
  });

  test('sgdReplayRows without a list takes the rows of its range', async () => {
    const n = 5;
    const all = await onTables(n, ({ kernels }, w, v, rates, done) => kernels.sgdReplayRows(w, v, n, 0, 2, 5, done, rates, STEP, 0.9));
    const listed = await onTables(n, (bench, w, v, rates, done) =>
      bench.kernels.sgdReplayRows(w, v, n, bench.i32([4, 3, 2]), 0, 3, done, rates, STEP, 0.9),
    );
    expect(all).toEqual(listed);
    expect([...all[0]![2]!]).toEqual([12, 0, 12, 12, 12, 11, 2]);
  });

  test.each([1, 5, 32])('sgdMomentumRows brings each listed row up to date and takes its step (%i)', async (n) => {
    const list = [1, 3, 6];
    const g = randomValues(list.length * n, 14).map((value) => 3 * value);
    const [scale, clip] = [0.37, 0.5];
    const expected = await onTables(n, (bench, w, v, rates, done) => {
      const gradients = bench.f32(g);
      bench.kernels.sgdReplayRows(w, v, n, bench.i32(list), 0, list.length, done, rates, STEP, 0.9);
      list.forEach((row, i) => {
        const at = 4 * row * n;
        bench.kernels.sgdMomentum(w + at, v + at, gradients + 4 * i * n, 0, n, RATES[STEP]!, 0.9, scale, clip, 0);
      });
    });
    const found = await onTables(n, (bench, w, v, rates, done) => {
      const [gradients, rows] = [bench.f32(g), bench.i32(list)];
      for (const [begin, end] of [
        [1, 3],
        [0, 1],
      ] as const) {
        bench.kernels.sgdMomentumRows(w, v, gradients, n, rows, begin, end, done, rates, STEP, 0.9, scale, clip);
      }
    });
    const after = DONE.map((done, row) => (list.includes(row) ? STEP + 1 : done));
    for (const result of found) expect(result).toEqual([...expected[0]!.slice(0, 2), after]);
  });
});
