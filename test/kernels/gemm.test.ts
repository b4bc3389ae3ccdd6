import { describe, expect, test } from 'vitest';
import { PANEL_ROWS, roundUp } from '../../src/runtime/layout.js';
import { type Bench, onEveryBuild } from './harness.js';
import { bits, firstDifference, masked, randomMask, randomValues, SHAPES, type Shape, worstError } from './matrices.js';

// Of f32 sums of terms in [-1, 1), relative to max(1, |sum|).
const TOLERANCE = 5e-6;

interface Mode {
  readonly bias: boolean;
  readonly accumulate: boolean;
}

const MODES: readonly Mode[] = [
  { bias: false, accumulate: false },
  { bias: true, accumulate: false },
  { bias: false, accumulate: true },
  { bias: true, accumulate: true },
];

function dataOf({ rows, depth, stride }: Shape) {
  return {
    w: randomValues(rows * depth, 1),
    mask: randomMask(rows * depth, 0.6, 2),
    x: randomValues(depth * stride, 3),
    old: randomValues(rows * stride, 4),
    bias: randomValues(rows, 5),
  };
}

/** Y = A X with A = W, on one build; `splits` are the row ranges it is computed in. */
function product(bench: Bench, shape: Shape, mode: Mode, splits = [0, shape.rows]): Float32Array {
  const { rows, depth, positions, stride } = shape;
  const data = dataOf(shape);
  const panel = bench.words(roundUp(rows, PANEL_ROWS) * depth);
  bench.kernels.packRows(panel, bench.f32(data.w), bench.u32(data.mask), rows, depth);
  const y = bench.f32(data.old);
  const x = bench.f32(data.x);
  const bias = mode.bias ? bench.f32(data.bias) : 0;
  for (let i = 1; i < splits.length; i++) {
    bench.kernels.gemm(y, stride, panel, x, stride, depth, positions, bias, Number(mode.accumulate), splits[i - 1]!, splits[i]!);
  }
  return bench.readF32(y, rows * stride);
}

/** The same in f64, gaps as they were. */
function productOracle(shape: Shape, mode: Mode): Float64Array {
  const { rows, depth, positions, stride } = shape;
  const data = dataOf(shape);
  const w = masked(data.w, data.mask);
  const y = Float64Array.from(data.old);
  for (let r = 0; r < rows; r++) {
    for (let p = 0; p < positions; p++) {
      let sum = mode.accumulate ? y[r * stride + p]! : 0;
      for (let k = 0; k < depth; k++) sum += w[r * depth + k]! * data.x[k * stride + p]!;
      y[r * stride + p] = sum + (mode.bias ? data.bias[r]! : 0);
    }
  }
  return y;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

describe('packing', () => {
  test.each([
    [1, 1],
    [4, 4],
    [5, 7],
    [8, 16],
    [13, 30],
    [3, 33],
  ])('writes whole panels of a masked %i x %i matrix and of its transpose, padding with +0', async (rows, columns) => {
    const w = randomValues(rows * columns, 6);
    const mask = randomMask(rows * columns, 0.5, 7);
    const kept = masked(w, mask);
    const byRows = new Float32Array(roundUp(rows, PANEL_ROWS) * columns);
    const byColumns = new Float32Array(roundUp(columns, PANEL_ROWS) * rows);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        byRows[(Math.floor(r / PANEL_ROWS) * columns + c) * PANEL_ROWS + (r % PANEL_ROWS)] = kept[r * columns + c]!;
        byColumns[(Math.floor(c / PANEL_ROWS) * rows + r) * PANEL_ROWS + (c % PANEL_ROWS)] = kept[r * columns + c]!;
      }
    }
    // What pruned entries hold does not matter: not even NaN gets through the mask.
    const dirty = w.map((value, e) => (kept[e] === 0 ? Number.NaN : value));
    await onEveryBuild((bench) => {
      const a = bench.f32(randomValues(byRows.length, 8));
      const b = bench.f32(randomValues(byColumns.length, 9));
      const source = bench.f32(dirty);
      const bitString = bench.u32(mask);
      bench.kernels.packRows(a, source, bitString, rows, columns);
      bench.kernels.packColumns(b, source, bitString, rows, columns);
      expect(bits(bench.readF32(a, byRows.length))).toEqual(bits(byRows));
      expect(bits(bench.readF32(b, byColumns.length))).toEqual(bits(byColumns));
    });
  });

  test('takes a null mask as all kept', async () => {
    const w = randomValues(6 * 9, 10);
    await onEveryBuild((bench) => {
      const source = bench.f32(w);
      const allKept = bench.u32([0xffffffff, 0x003fffff]);
      const [a, b, c, d] = [bench.words(8 * 9), bench.words(8 * 9), bench.words(6 * 12), bench.words(6 * 12)] as const;
      bench.kernels.packRows(a, source, 0, 6, 9);
      bench.kernels.packRows(b, source, allKept, 6, 9);
      bench.kernels.packColumns(c, source, 0, 6, 9);
      bench.kernels.packColumns(d, source, allKept, 6, 9);
      expect(bench.readU32(a, 8 * 9)).toEqual(bench.readU32(b, 8 * 9));
      expect(bench.readU32(c, 6 * 12)).toEqual(bench.readU32(d, 6 * 12));
      expect(bench.readF32(a, 1)[0]).toBe(w[0]);
    });
  });
});

describe('gemm', () => {
  test.each(MODES)('agrees with f64 and between builds on every shape (%o)', async (mode) => {
    const perBuild = await onEveryBuild((bench) => SHAPES.map((shape) => product(bench, shape, mode)));
    for (const [i, shape] of SHAPES.entries()) {
      expect(worstError(perBuild[0]![i]!, productOracle(shape, mode)), JSON.stringify(shape)).toBeLessThan(TOLERANCE);
      for (const other of perBuild) expect(firstDifference(bits(other[i]!), bits(perBuild[0]![i]!)), JSON.stringify(shape)).toBe(-1);
    }
  });

  test('gives the same bits whole and in row ranges', async () => {
    await onEveryBuild((bench) => {
      for (const positions of [4, 8, 12, 20]) {
        const shape = { rows: 13, depth: 30, positions, stride: positions + 4 };
        const whole = bits(product(bench, shape, MODES[3]!));
        expect(bits(product(bench, shape, MODES[3]!, [0, 8, 13]))).toEqual(whole);
        expect(bits(product(bench, shape, MODES[3]!, [0, 4, 12, 13]))).toEqual(whole);
      }
    });
  });

  test('gives a position the same bits whatever stands beside it', async () => {
    await onEveryBuild((bench) => {
      const wide = product(bench, { rows: 13, depth: 30, positions: 64, stride: 64 }, MODES[1]!);
      for (const positions of [4, 8, 12, 16, 20]) {
        const narrow = product(bench, { rows: 13, depth: 30, positions, stride: 64 }, MODES[1]!);
        for (let r = 0; r < 13; r++) {
          expect(bits(narrow.slice(r * 64, r * 64 + positions))).toEqual(bits(wide.slice(r * 64, r * 64 + positions)));
        }
      }
    });
  });

  test('adds the sum to the old value before the bias', async () => {
    await onEveryBuild((bench) => {
      // 2^24 + 1 rounds back to 2^24: only (-2^24 + 2^24) + 1 gives 1.
      const big = 16777216;
      const panel = bench.f32([big, 0, 0, 0]);
      const y = bench.f32([-big, -big, -big, -big]);
      bench.kernels.gemm(y, 4, panel, bench.f32([1, 1, 1, 1]), 4, 1, 4, bench.f32([1]), 1, 0, 1);
      expect([...bench.readF32(y, 4)]).toEqual([1, 1, 1, 1]);
    });
  });

  test('multiplies by the transpose with column panels', async () => {
    const [rows, columns, positions] = [9, 14, 12];
    const w = randomValues(rows * columns, 11);
    const dy = randomValues(rows * positions, 12);
    const expected = new Float64Array(columns * positions);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        for (let p = 0; p < positions; p++) expected[c * positions + p]! += w[r * columns + c]! * dy[r * positions + p]!;
      }
    }
    const perBuild = await onEveryBuild((bench) => {
      const panel = bench.words(roundUp(columns, PANEL_ROWS) * rows);
      bench.kernels.packColumns(panel, bench.f32(w), 0, rows, columns);
      const dx = bench.words(columns * positions);
      bench.kernels.gemm(dx, positions, panel, bench.f32(dy), positions, rows, positions, 0, 0, 0, columns);
      return bench.readF32(dx, columns * positions);
    });
    expect(worstError(perBuild[0]!, expected)).toBeLessThan(TOLERANCE);
    for (const other of perBuild) expect(bits(other)).toEqual(bits(perBuild[0]!));
  });
});

describe('gradients', () => {
  /** Also shapes of which not all features fit in one block of columns. */
  const GRADIENT_SHAPES: readonly Shape[] = [
    ...SHAPES,
    { rows: 3, depth: 43, positions: 64, stride: 68 },
    { rows: 5, depth: 13, positions: 400, stride: 404 },
    { rows: 2, depth: 9, positions: 2200, stride: 2200 },
  ];

  /** dW and db of one shape; the gap of dY and X holds numbers that must not count. */
  function gradients(bench: Bench, { rows, depth, positions, stride }: Shape, splits = [0, rows]): [Float32Array, Float32Array] {
    const dy = bench.f32(randomValues(rows * stride, 13));
    const x = bench.f32(randomValues(depth * stride, 14));
    const dw = bench.f32(randomValues(rows * depth, 15));
    const db = bench.f32(randomValues(rows, 16));
    for (let i = 1; i < splits.length; i++) {
      bench.kernels.gemmWeightGradient(dw, dy, stride, x, stride, depth, positions, splits[i - 1]!, splits[i]!);
      bench.kernels.biasGradient(db, dy, stride, positions, splits[i - 1]!, splits[i]!);
    }
    return [bench.readF32(dw, rows * depth), bench.readF32(db, rows)];
  }

  test('agree with f64 and between builds on every shape', async () => {
    const perBuild = await onEveryBuild((bench) => GRADIENT_SHAPES.map((shape) => gradients(bench, shape)));
    for (const [i, { rows, depth, positions, stride }] of GRADIENT_SHAPES.entries()) {
      const dy = randomValues(rows * stride, 13);
      const x = randomValues(depth * stride, 14);
      const at = Array.from({ length: positions }, (_, p) => p);
      const dw = Array.from({ length: rows * depth }, (_, e) => {
        const [r, c] = [Math.floor(e / depth), e % depth];
        return sum(at.map((p) => dy[r * stride + p]! * x[c * stride + p]!));
      });
      const db = Array.from({ length: rows }, (_, r) => sum(at.map((p) => dy[r * stride + p]!)));
      expect(worstError(perBuild[0]![i]![0], dw)).toBeLessThan(TOLERANCE);
      expect(worstError(perBuild[0]![i]![1], db)).toBeLessThan(TOLERANCE);
      for (const other of perBuild) {
        expect(firstDifference(bits(other[i]![0]), bits(perBuild[0]![i]![0]))).toBe(-1);
        expect(firstDifference(bits(other[i]![1]), bits(perBuild[0]![i]![1]))).toBe(-1);
      }
    }
  });

  test('give the same bits whole and in row ranges', async () => {
    await onEveryBuild((bench) => {
      const shape = { rows: 13, depth: 30, positions: 20, stride: 24 };
      expect(gradients(bench, shape, [0, 4, 12, 13]).map(bits)).toEqual(gradients(bench, shape).map(bits));
      expect(gradients(bench, shape, [0, 7, 13]).map(bits)).toEqual(gradients(bench, shape).map(bits));
    });
  });

  test('combine four partial sums, by position mod 4, as (p0 + p2) + (p1 + p3)', async () => {
    // In f32, (1 + -1) + (2^-30 + 0) keeps the small term; any order that adds it to 1 first loses it.
    const small = 1 / 1073741824;
    await onEveryBuild((bench) => {
      const dy = bench.f32([0, small, 0, 0, 1, 0, -1, 0]);
      const db = bench.words(1);
      bench.kernels.biasGradient(db, dy, 8, 8, 0, 1);
      expect(bench.readF32(db, 1)[0]).toBe(small);
      const dw = bench.words(5);
      bench.kernels.gemmWeightGradient(dw, dy, 8, bench.f32(new Float32Array(40).fill(1)), 8, 5, 8, 0, 1);
      expect([...bench.readF32(dw, 5)]).toEqual([small, small, small, small, small]);
    });
  });

  test('do not change when padding positions of zeros follow', async () => {
    await onEveryBuild((bench) => {
      const dy = randomValues(3 * 16, 17);
      const x = randomValues(6 * 16, 18);
      for (let r = 0; r < 3; r++) dy.fill(0, r * 16 + 8, r * 16 + 16);
      const [short, long] = [bench.words(18), bench.words(18)] as const;
      bench.kernels.gemmWeightGradient(short, bench.f32(dy), 16, bench.f32(x), 16, 6, 8, 0, 3);
      bench.kernels.gemmWeightGradient(long, bench.f32(dy), 16, bench.f32(x), 16, 6, 16, 0, 3);
      expect(bench.readU32(long, 18)).toEqual(bench.readU32(short, 18));
    });
  });
});
