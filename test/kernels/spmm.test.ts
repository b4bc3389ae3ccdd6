import { describe, expect, test } from 'vitest';
import { PANEL_ROWS, roundUp, TILE_POSITIONS } from '../../src/runtime/layout.js';
import { type Bench, onEveryBuild } from './harness.js';
import { bits, firstDifference, isKept, randomMask, randomValues, SHAPES, type Shape } from './matrices.js';

const DENSITIES = [0, 0.1, 0.5, 1];

const MODES = [
  { bias: false, accumulate: false },
  { bias: true, accumulate: true },
] as const;

interface Index {
  readonly start: number;
  readonly index: number;
  readonly value: number;
}

/** The kept entries of W[rows][columns] by row, with their values. */
function byRows(bench: Bench, w: number, mask: number, rows: number, columns: number): Index {
  const [start, index, value] = [bench.words(rows + 1), bench.words(rows * columns), bench.words(rows * columns)] as const;
  bench.kernels.csrIndexRows(start, index, mask, rows, columns);
  bench.kernels.csrGatherRows(value, w, start, index, rows, columns);
  return { start, index, value };
}

/** The kept entries of the transpose by row, with their values. */
function byColumns(bench: Bench, w: number, mask: number, rows: number, columns: number): Index {
  const [start, index, value] = [bench.words(columns + 1), bench.words(rows * columns), bench.words(rows * columns)] as const;
  bench.kernels.csrIndexColumns(start, index, mask, rows, columns);
  // In two parts, as threads do.
  const half = columns >> 1;
  bench.kernels.csrGatherColumns(value, w + 4 * half, start + 4 * half, index, columns, columns - half);
  bench.kernels.csrGatherColumns(value, w, start, index, columns, half);
  return { start, index, value };
}

/** The tiles of X[features][positions]; what no position fills is not a number. */
function tilesOf(bench: Bench, x: number, features: number, positions: number, stride: number): number {
  const tiles = bench.f32(new Float32Array(features * roundUp(positions, TILE_POSITIONS)).fill(Number.NaN));
  const [count, split] = [Math.ceil(positions / TILE_POSITIONS), positions >> 5];
  bench.kernels.packTiles(tiles, x, stride, features, positions, split, count);
  bench.kernels.packTiles(tiles, x, stride, features, positions, 0, split);
  return tiles;
}

describe('packTiles', () => {
  test.each([4, 8, 12, 16, 20, 24, 28, 32, 76])(
    'lays 16 positions of every feature side by side, the last 4, 8 or 12 too (%i)',
    async (positions) => {
      const [features, stride] = [3, positions + 4];
      const x = randomValues(features * stride, 40);
      const expected = Array.from({ length: Math.ceil(positions / TILE_POSITIONS) }, (_, t) => {
        const left = Math.min(positions - TILE_POSITIONS * t, TILE_POSITIONS);
        const rows = Array.from({ length: features }, (_, f) => {
          const from = f * stride + TILE_POSITIONS * t;
          return [...x.slice(from, from + left), ...(left === 12 ? [Number.NaN, Number.NaN, Number.NaN, Number.NaN] : [])];
        });
        return rows.flat();
      }).flat();
      for (const tiles of await onEveryBuild((bench) => {
        const packed = tilesOf(bench, bench.f32(x), features, positions, stride);
        return [...bench.readF32(packed, expected.length)];
      })) {
        expect(tiles).toEqual(expected);
      }
    },
  );

  test('writes the tiles that it is given and no others', async () => {
    await onEveryBuild((bench) => {
      const tiles = bench.words(3 * TILE_POSITIONS);
      bench.kernels.packTiles(tiles, bench.f32(new Float32Array(48).fill(1)), 48, 1, 48, 1, 2);
      expect([...bench.readF32(tiles, 48)]).toEqual(Array.from({ length: 48 }, (_, p) => (p >> 4 === 1 ? 1 : 0)));
    });
  });
});

describe('csr', () => {
  test('lists the kept entries by row with ascending columns, and by column with ascending rows, both times 16', async () => {
    // 1 0 1
    // 0 0 0
    // 0 1 1
    await onEveryBuild((bench) => {
      const mask = bench.u32([0b110_000_101]);
      const w = bench.f32([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      const [start, index, value] = [bench.words(4), bench.words(4), bench.words(4)] as const;
      expect(bench.kernels.csrIndexRows(start, index, mask, 3, 3)).toBe(4);
      bench.kernels.csrGatherRows(value, w, start, index, 3, 3);
      expect([...bench.readU32(start, 4)]).toEqual([0, 2, 2, 4]);
      expect([...bench.readU32(index, 4)]).toEqual([0, 32, 16, 32]);
      expect([...bench.readF32(value, 4)]).toEqual([1, 3, 8, 9]);

      expect(bench.kernels.csrIndexColumns(start, index, mask, 3, 3)).toBe(4);
      bench.kernels.csrGatherColumns(value, w, start, index, 3, 3);
      expect([...bench.readU32(start, 4)]).toEqual([0, 1, 2, 4]);
      expect([...bench.readU32(index, 4)]).toEqual([0, 32, 0, 32]);
      expect([...bench.readF32(value, 4)]).toEqual([1, 8, 3, 9]);
    });
  });

  test('finds every kept entry once in both directions, at every density', async () => {
    const [rows, columns] = [13, 37];
    await onEveryBuild((bench) => {
      for (const density of DENSITIES) {
        const mask = randomMask(rows * columns, density, 20);
        const wanted = Array.from({ length: rows * columns }, (_, e) => e).filter((e) => isKept(mask, e));
        const bitString = bench.u32(mask);
        const [start, index] = [bench.words(Math.max(rows, columns) + 1), bench.words(rows * columns)] as const;
        expect(bench.kernels.csrIndexColumns(start, index, bitString, rows, columns)).toBe(wanted.length);
        const byColumn = wanted.toSorted((a, b) => (a % columns) - (b % columns) || a - b);
        expect([...bench.readU32(index, wanted.length)]).toEqual(byColumn.map((e) => 16 * Math.floor(e / columns)));
        expect(bench.kernels.csrIndexRows(start, index, bitString, rows, columns)).toBe(wanted.length);
        expect([...bench.readU32(index, wanted.length)]).toEqual(wanted.map((e) => 16 * (e % columns)));
      }
    });
  });

  test('takes a null mask as all kept', async () => {
    await onEveryBuild((bench) => {
      const [start, index] = [bench.words(4), bench.words(6)] as const;
      expect(bench.kernels.csrIndexRows(start, index, 0, 2, 3)).toBe(6);
      expect([...bench.readU32(start, 3)]).toEqual([0, 3, 6]);
      expect(bench.kernels.csrIndexColumns(start, index, 0, 2, 3)).toBe(6);
      expect([...bench.readU32(index, 6)]).toEqual([0, 16, 0, 16, 0, 16]);
    });
  });
});

describe('spmm', () => {
  /** Dense and sparse Y = W X and dX = transpose(W) dY of one shape, under one mask. */
  function products(bench: Bench, shape: Shape, density: number, mode: (typeof MODES)[number]) {
    const { rows, depth, positions, stride } = shape;
    const { kernels } = bench;
    const w = bench.f32(randomValues(rows * depth, 21));
    const mask = bench.u32(randomMask(rows * depth, density, 22));
    const x = bench.f32(randomValues(depth * stride, 23));
    const dy = bench.f32(randomValues(rows * stride, 24));
    const oldY = randomValues(rows * stride, 25);
    const oldX = randomValues(depth * stride, 26);
    const bias = mode.bias ? bench.f32(randomValues(rows + depth, 27)) : 0;
    const accumulate = Number(mode.accumulate);

    const panel = bench.words(roundUp(rows, PANEL_ROWS) * roundUp(depth, PANEL_ROWS));
    const dense = [bench.f32(oldY), bench.f32(oldX)] as const;
    kernels.packRows(panel, w, mask, rows, depth);
    kernels.gemm(dense[0], stride, panel, x, stride, depth, positions, bias, accumulate, 0, rows);
    kernels.packColumns(panel, w, mask, rows, depth);
    kernels.gemm(dense[1], stride, panel, dy, stride, rows, positions, bias, accumulate, 0, depth);

    const sparse = [bench.f32(oldY), bench.f32(oldX)] as const;
    const a = byRows(bench, w, mask, rows, depth);
    const split = Math.floor(rows / 2);
    const xTiles = tilesOf(bench, x, depth, positions, stride);
    kernels.spmm(sparse[0], stride, a.start, a.index, a.value, xTiles, depth, positions, bias, accumulate, 0, split);
    kernels.spmm(sparse[0], stride, a.start, a.index, a.value, xTiles, depth, positions, bias, accumulate, split, rows);
    const b = byColumns(bench, w, mask, rows, depth);
    const dyTiles = tilesOf(bench, dy, rows, positions, stride);
    kernels.spmm(sparse[1], stride, b.start, b.index, b.value, dyTiles, rows, positions, bias, accumulate, 0, depth);

    const read = ([y, dx]: readonly [number, number]) => [bench.readU32(y, rows * stride), bench.readU32(dx, depth * stride)];
    return { dense: read(dense), sparse: read(sparse) };
  }

  test.each(DENSITIES.flatMap((density) => MODES.map((mode) => ({ density, ...mode }))))(
    'gives the bits of the dense product of the masked matrix, both ways, on every build ($density kept, bias and accumulate $bias)',
    async ({ density, ...mode }) => {
      const perBuild = await onEveryBuild((bench) =>
        SHAPES.map((shape) => products(bench, shape, density, mode as (typeof MODES)[number])),
      );
      for (const [i, shape] of SHAPES.entries()) {
        for (const build of perBuild) {
          for (const [j, expected] of perBuild[0]![i]!.dense.entries()) {
            expect(firstDifference(build[i]!.sparse[j]!, expected), JSON.stringify(shape)).toBe(-1);
            expect(firstDifference(build[i]!.dense[j]!, expected), JSON.stringify(shape)).toBe(-1);
          }
        }
      }
    },
  );
});

describe('spmmWeightGradient', () => {
  test.each(DENSITIES)('gives the bits of the dense gradient at kept entries and touches no other (%f kept)', async (density) => {
    await onEveryBuild((bench) => {
      for (const { rows, depth, positions, stride } of SHAPES) {
        const mask = randomMask(rows * depth, density, 28);
        const old = randomValues(rows * depth, 29);
        const dy = bench.f32(randomValues(rows * stride, 30));
        const x = bench.f32(randomValues(depth * stride, 31));
        const { start, index } = byRows(bench, dy, bench.u32(mask), rows, depth);
        const [dense, sparse] = [bench.words(rows * depth), bench.f32(old)] as const;
        bench.kernels.gemmWeightGradient(dense, dy, stride, x, stride, depth, positions, 0, rows);
        const split = Math.floor(rows / 2);
        bench.kernels.spmmWeightGradient(sparse, dy, stride, x, stride, start, index, depth, positions, 0, split);
        bench.kernels.spmmWeightGradient(sparse, dy, stride, x, stride, start, index, depth, positions, split, rows);
        const full = bench.readF32(dense, rows * depth);
        const expected = full.map((value, e) => (isKept(mask, e) ? value : old[e]!));
        expect(firstDifference(bits(bench.readF32(sparse, rows * depth)), bits(expected))).toBe(-1);
      }
    });
  });

  test('has the same bits on every build', async () => {
    const [rows, depth, stride] = [13, 30, 20];
    const mask = randomMask(rows * depth, 0.4, 32);
    const [first, ...others] = await onEveryBuild((bench) => {
      const dy = bench.f32(randomValues(rows * stride, 33));
      const { start, index } = byRows(bench, dy, bench.u32(mask), rows, depth);
      const dw = bench.words(rows * depth);
      const x = bench.f32(randomValues(depth * stride, 34));
      bench.kernels.spmmWeightGradient(dw, dy, stride, x, stride, start, index, depth, stride, 0, rows);
      return bench.readU32(dw, rows * depth);
    });
    expect(first!.some((word) => word !== 0)).toBe(true);
    for (const other of others) expect(other).toEqual(first);
  });
});
