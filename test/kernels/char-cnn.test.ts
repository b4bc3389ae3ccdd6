import { describe, expect, test } from 'vitest';
import { roundUp } from '../../src/runtime/layout.js';
import { reluMax, windows } from '../oracle/char-cnn.js';
import { type Bench, onEveryBuild, testNumbers } from './harness.js';
import { blank, inner, plane, rowsOf, wholeRows } from './planes.js';

/** Words of 1 character alone, at either end and between longer ones; tails of every size; a word longer than a group. */
const WORD_LENGTHS: readonly (readonly number[])[] = [[1], [2], [1, 1, 1], [3, 1, 4], [1, 5, 2, 1], [4], [6, 6], [1, 2, 3, 4, 5, 13]];

const SHAPES = WORD_LENGTHS.flatMap((lengths) => [1, 3, 5].flatMap((width) => [1, 3].map((dimension) => ({ lengths, width, dimension }))));

interface Shape {
  readonly lengths: readonly number[];
  readonly width: number;
  readonly dimension: number;
}

/** Characters of the words before each word, and of all. */
function starts(lengths: readonly number[]): number[] {
  let sum = 0;
  return [0, ...lengths.map((length) => (sum += length))];
}

/** [feature][character] of all words to the [character][feature] of each. */
function wordsOf(rows: readonly (readonly number[])[], lengths: readonly number[]): number[][][] {
  const start = starts(lengths);
  return lengths.map((length, w) => Array.from({ length }, (_, i) => rows.map((row) => row[start[w]! + i]!)));
}

function makeWindows(bench: Bench, e: readonly number[][], { lengths, width, dimension }: Shape): number[][] {
  const padded = roundUp(e[0]!.length, 4);
  const stride = padded + 4;
  const out = bench.f32(blank(dimension * width, padded, stride));
  const start = bench.u32(starts(lengths));
  bench.kernels.charWindows(out, bench.f32(plane(e, stride)), stride, dimension, width, start, lengths.length, padded);
  return rowsOf(bench.readF32(out, dimension * width * stride), padded, stride);
}

function windowGradients(bench: Bench, dWindow: readonly number[][], { lengths, width, dimension }: Shape): number[][] {
  const padded = dWindow[0]!.length;
  const stride = padded + 4;
  const out = bench.f32(blank(dimension, padded, stride));
  const start = bench.u32(starts(lengths));
  bench.kernels.charWindowsBackward(out, bench.f32(plane(dWindow, stride)), stride, dimension, width, start, lengths.length, padded);
  return rowsOf(bench.readF32(out, dimension * stride), padded, stride);
}

describe('windows', () => {
  test('hold the neighbours of each character inside its word, exact +0 beyond and in the padding', async () => {
    for (const shape of SHAPES) {
      const characters = starts(shape.lengths).at(-1)!;
      const e = wholeRows(shape.dimension, characters, testNumbers(1));
      const expected = wordsOf(e, shape.lengths).flatMap((word) => windows(word, shape.width));
      for (const found of await onEveryBuild((bench) => makeWindows(bench, e, shape))) {
        found.forEach((row, r) => {
          expect(row).toEqual([...expected.map((window) => window[r]!), ...new Array<number>(row.length - characters).fill(0)]);
        });
      }
    }
  });

  test('pass back the adjoint: each character gets the gradients of the windows that hold it, the padding +0', async () => {
    for (const shape of SHAPES) {
      const characters = starts(shape.lengths).at(-1)!;
      const padded = roundUp(characters, 4);
      const next = testNumbers(2);
      const e = wholeRows(shape.dimension, characters, next);
      const dWindow = wholeRows(shape.dimension * shape.width, padded, next);
      const results = await onEveryBuild((bench) => ({ x: makeWindows(bench, e, shape), de: windowGradients(bench, dWindow, shape) }));
      for (const { x, de } of results) {
        expect(inner(x, dWindow)).toBe(inner(e, de));
        for (const row of de) expect(row.slice(characters)).toEqual(new Array<number>(padded - characters).fill(0));
      }
    }
  });

  test('sum the gradients of a character over offsets ascending', async () => {
    // The middle character of a word of three is in the windows of the next (offset 0), itself (1) and the one before (2).
    const shape = { lengths: [3], width: 3, dimension: 1 };
    const sumOf = async (next: number, own: number, before: number): Promise<number[]> => {
      const dWindow = [
        [0, 0, next, 0],
        [0, own, 0, 0],
        [before, 0, 0, 0],
      ];
      return (await onEveryBuild((bench) => windowGradients(bench, dWindow, shape))).map((de) => de[0]![1]!);
    };
    expect(await sumOf(1e8, -1e8, 1)).toEqual([1, 1, 1]);
    expect(await sumOf(1, 1e8, -1e8)).toEqual([0, 0, 0]);
  });
});

interface Pooled {
  readonly pooled: number[][];
  readonly argument: number[][];
  readonly dx: number[][];
}

/** Pools `x` [filter][character] over words and takes `dPooled` [filter][word] back. */
function pool(bench: Bench, x: readonly number[][], lengths: readonly number[], dPooled: readonly number[][]): Pooled {
  const filters = x.length;
  const padded = roundUp(x[0]!.length, 4);
  const words = lengths.length;
  const columns = roundUp(words, 4);
  const [stride, pooledStride] = [padded + 4, columns + 4];
  const pooled = bench.f32(blank(filters, columns, pooledStride));
  const argument = bench.words(filters * pooledStride);
  const start = bench.u32(starts(lengths));
  bench.kernels.reluMaxPool(pooled, argument, pooledStride, bench.f32(plane(x, stride)), stride, filters, start, words, columns);
  const dx = bench.f32(blank(filters, padded, stride));
  const upstream = bench.f32(plane(dPooled, pooledStride));
  bench.kernels.reluMaxPoolBackward(dx, stride, padded, upstream, argument, pooledStride, filters, words);
  const at = bench.readI32(argument, filters * pooledStride);
  return {
    pooled: rowsOf(bench.readF32(pooled, filters * pooledStride), columns, pooledStride),
    argument: x.map((_, f) => [...at.subarray(f * pooledStride, f * pooledStride + words)]),
    dx: rowsOf(bench.readF32(dx, filters * stride), padded, stride),
  };
}

describe('ReLU and max-pool', () => {
  test('give the first maximum of each word, or +0 and no argument where none is above 0, and +0 in the padding', async () => {
    for (const lengths of WORD_LENGTHS) {
      const start = starts(lengths);
      // Whole numbers make ties common; the last two filters are never and only just above 0.
      const x = wholeRows(6, start.at(-1)!, testNumbers(3));
      x[4] = x[4]!.map((value) => -Math.abs(value));
      x[5] = x[5]!.map((value) => (value > 4 ? 2 ** -149 : -0));
      const upstream = wholeRows(6, lengths.length, testNumbers(4));
      for (const { pooled, argument, dx } of await onEveryBuild((bench) => pool(bench, x, lengths, upstream))) {
        x.forEach((row, f) => {
          const gradient = new Array<number>(dx[f]!.length).fill(0);
          lengths.forEach((length, w) => {
            const { value, at } = reluMax(row.slice(start[w]!, start[w]! + length));
            expect(pooled[f]![w]).toBe(value);
            expect(argument[f]![w]).toBe(at < 0 ? -1 : start[w]! + at);
            if (at >= 0) gradient[start[w]! + at] = upstream[f]![w]!;
          });
          expect(pooled[f]!.slice(lengths.length)).toEqual(new Array<number>(pooled[f]!.length - lengths.length).fill(0));
          expect(dx[f]).toEqual(gradient);
        });
      }
    }
  });

  test('prefer the earlier of two equal maxima', async () => {
    const results = await onEveryBuild((bench) => pool(bench, [[1, 3, 3, -1, 3, 2, 2]], [5, 2], [[10, 20]]));
    for (const { argument, dx } of results) {
      expect(argument).toEqual([[1, 5]]);
      expect(dx).toEqual([[0, 10, 0, 0, 0, 20, 0, 0]]);
    }
  });

  test('pass no gradient where every value of a word is negative', async () => {
    for (const { pooled, argument, dx } of await onEveryBuild((bench) => pool(bench, [[-1, -2, -3, 4]], [3, 1], [[5, 6]]))) {
      expect(pooled).toEqual([[0, 4, 0, 0]]);
      expect(argument).toEqual([[-1, 3]]);
      expect(dx).toEqual([[0, 0, 0, 6]]);
    }
  });
});
