import { describe, expect, test } from 'vitest';
import { LANES, roundUp, TILE_POSITIONS } from '../../src/runtime/layout.js';
import { paddingOf, positionOf, type Schedule, scheduleOf } from '../helpers/schedule.js';
import { centralDifferences } from '../oracle/differences.js';
import { lstm } from '../oracle/lstm.js';
import { Bench, onEveryBuild, testNumbers } from './harness.js';
import { bits, masked, randomMask, randomValues } from './matrices.js';
import { blank, rowsOf } from './planes.js';

/** One layer and direction over a batch; `wx` and `dy` are [sentence][token][row], in the order of the batch. */
interface Problem {
  readonly hidden: number;
  readonly reverse: boolean;
  readonly recurrent: Float32Array;
  readonly mask: Uint32Array;
  readonly bias: Float32Array;
  readonly wx: readonly (readonly number[])[][];
  readonly dy: readonly (readonly number[])[][];
}

/** Alone, tied, with groups of four that are partial, that retire whole and of which only the first stays; more than a tile of lanes. */
const LENGTHS: readonly (readonly number[])[] = [
  [1],
  [4],
  [2, 5, 1],
  [3, 3, 3, 3],
  [1, 4, 2, 6, 2],
  [2, 1, 7, 1, 3, 1, 4, 1, 3],
  Array.from({ length: 30 }, (_, s) => 1 + (s % 3)),
];

function problem(lengths: readonly number[], hidden: number, reverse: boolean, density: number): Problem {
  const next = testNumbers(1000 * hidden + 10 * lengths.length + (reverse ? 1 : 0));
  const rows = (width: number, scale: number) =>
    lengths.map((length) => Array.from({ length }, () => Array.from({ length: width }, () => Math.fround(scale * next()))));
  return {
    hidden,
    reverse,
    recurrent: randomValues(4 * hidden * hidden, hidden),
    mask: randomMask(4 * hidden * hidden, density, hidden + 50),
    bias: randomValues(4 * hidden, hidden + 100),
    wx: rows(4 * hidden, 2),
    dy: rows(hidden, 1),
  };
}

const PROBLEMS: readonly Problem[] = LENGTHS.flatMap((lengths) =>
  [1, 3, 4, 7].flatMap((hidden, n) => [false, true].map((reverse) => problem(lengths, hidden, reverse, [1, 0.4, 0, 0.7][n]!))),
);

/** [feature][position] of [sentence][token][feature]; `junk` at padding, which no result may depend on. */
function toPlane(rows: readonly (readonly number[])[][], features: number, schedule: Schedule, stride: number, junk: number): Float32Array {
  const plane = blank(features, schedule.positions, stride);
  for (let f = 0; f < features; f++) for (const p of paddingOf(schedule)) plane[f * stride + p] = junk;
  schedule.order.forEach((sentence, b) => {
    rows[sentence]!.forEach((row, t) => {
      for (let f = 0; f < features; f++) plane[f * stride + positionOf(schedule, b, t)] = row[f]!;
    });
  });
  return plane;
}

const PLANES = ['y', 'hBefore', 'cell', 'tanhCell', 'dz'] as const;

interface Result extends Record<(typeof PLANES)[number], Float32Array> {
  readonly gates: Float32Array;
  readonly stride: number;
}

type Form = 'panel' | 'csr';

/** Forward and backward with the recurrent weights in one of their two forms; `groups` calls share the lanes, the last first. */
function run(bench: Bench, problem: Problem, form: Form, junk = 1000, groups = 1): Result {
  const { kernels } = bench;
  const { hidden, reverse } = problem;
  const schedule = scheduleOf(problem.wx.map((sentence) => sentence.length));
  const stride = schedule.positions + 4;
  const [rows, width] = [4 * hidden, schedule.base[1]!];
  const plane = (): number => bench.f32(blank(hidden, schedule.positions, stride));
  const gates = bench.f32(toPlane(problem.wx, rows, schedule, stride, junk));
  const [y, hBefore, cell, tanhCell] = [plane(), plane(), plane(), plane()];
  const dy = bench.f32(toPlane(problem.dy, hidden, schedule, stride, junk));
  const scratch = (count: number): number => bench.f32(new Float32Array(count).fill(Number.NaN));
  const [state, tiles] = [scratch(2 * hidden * width), scratch(rows * roundUp(width, TILE_POSITIONS))];
  const share = roundUp(Math.ceil(width / groups), LANES);
  const ranges = Array.from({ length: groups }, (_, g) => [g * share, (g + 1) * share] as const).reverse();
  const bias = bench.f32(problem.bias);
  const [base, valid] = [bench.u32(schedule.base), bench.u32(schedule.valid)];
  const [u, transposed] = operands(bench, problem, form);
  const [steps, back] = [schedule.valid.length, reverse ? 1 : 0];
  for (const lanes of ranges) {
    kernels.lstmForward(gates, y, hBefore, cell, tanhCell, bias, ...u, hidden, stride, steps, base, valid, back, tiles, ...lanes);
  }
  const after = bench.readF32(gates, rows * stride);
  for (const lanes of ranges) {
    kernels.lstmBackward(gates, dy, cell, tanhCell, state, ...transposed, hidden, stride, steps, base, valid, back, tiles, ...lanes);
  }
  const read = (pointer: number): Float32Array => bench.readF32(pointer, hidden * stride);
  return {
    stride,
    gates: after,
    y: read(y),
    hBefore: read(hBefore),
    cell: read(cell),
    tanhCell: read(tanhCell),
    dz: bench.readF32(gates, rows * stride),
  };
}

/** {@link run} on one build: all give the same bits. */
async function runOnce(problem: Problem, form: Form = 'panel', junk = 1000): Promise<Result> {
  const bench = await Bench.open('simd');
  const result = run(bench, problem, form, junk);
  bench.checkCanaries();
  return result;
}

type Operand = [weight: number, index: number, value: number];

/** U and its transpose, under the mask. */
function operands(bench: Bench, { hidden, recurrent, mask }: Problem, form: Form): [Operand, Operand] {
  const { kernels } = bench;
  const [rows, size] = [4 * hidden, 4 * hidden * hidden];
  const [w, m] = [bench.f32(recurrent), bench.u32(mask)];
  if (form === 'panel') {
    const [panel, transposed] = [bench.words(size), bench.words(4 * Math.ceil(hidden / 4) * rows)];
    kernels.packRows(panel, w, m, rows, hidden);
    kernels.packColumns(transposed, w, m, rows, hidden);
    return [
      [panel, 0, 0],
      [transposed, 0, 0],
    ];
  }
  const [start, index, value] = [bench.words(rows + 1), bench.words(size), bench.words(size)];
  kernels.csrIndexRows(start, index, m, rows, hidden);
  kernels.csrGatherRows(value, w, start, index, rows, hidden);
  const [startT, indexT, valueT] = [bench.words(hidden + 1), bench.words(size), bench.words(size)];
  kernels.csrIndexColumns(startT, indexT, m, rows, hidden);
  kernels.csrGatherColumns(valueT, w, startT, indexT, hidden, hidden);
  return [
    [start, index, value],
    [startT, indexT, valueT],
  ];
}

/** Column of a sentence's token: what each plane holds at one position. */
function column(values: Float32Array, position: number, stride: number): number[] {
  return Array.from({ length: values.length / stride }, (_, f) => values[f * stride + position]!);
}

/** [sentence][token][feature] of a plane. */
function sentencesOf(values: Float32Array, { wx }: Problem, stride: number): number[][][] {
  const schedule = scheduleOf(wx.map((sentence) => sentence.length));
  return wx.map((sentence, s) => sentence.map((_, t) => column(values, positionOf(schedule, schedule.order.indexOf(s), t), stride)));
}

function oracleWeights({ recurrent, mask, bias, hidden }: Problem) {
  const kept = masked(recurrent, mask);
  return { recurrent: Array.from({ length: 4 * hidden }, (_, r) => [...kept.slice(r * hidden, (r + 1) * hidden)]), bias: [...bias] };
}

function worst(found: readonly number[][], expected: readonly (readonly number[])[]): number {
  return Math.max(...found.flatMap((row, t) => row.map((value, j) => Math.abs(value - expected[t]![j]!))));
}

/** Values of order 1 and at most seven steps, each of a few roundings of 6e-8: 2e-7 was measured. */
const TOLERANCE = 1e-6;

describe('an LSTM layer', () => {
  test('gives the same bits in every build, with dense and with sparse recurrent weights', async () => {
    for (const problem of PROBLEMS) {
      const results = await onEveryBuild((bench) => [run(bench, problem, 'panel'), run(bench, problem, 'csr')]);
      const [first, ...others] = results.flat().map((result) => [...PLANES, 'gates' as const].map((name) => bits(result[name])));
      for (const other of others) expect(other).toEqual(first);
    }
  });

  test('gives the same bits when calls share the lanes', async () => {
    for (const problem of PROBLEMS) {
      for (const form of ['panel', 'csr'] as const) {
        const whole = await runOnce(problem, form);
        const shared = await onEveryBuild((bench) => [2, 3].map((groups) => run(bench, problem, form, 1000, groups)));
        for (const result of shared.flat()) for (const name of PLANES) expect(bits(result[name])).toEqual(bits(whole[name]));
      }
    }
  });

  test('computes the equations of each sentence, in both directions', async () => {
    for (const problem of PROBLEMS) {
      const result = await runOnce(problem);
      const { stride } = result!;
      const found = {
        y: sentencesOf(result.y, problem, stride),
        hBefore: sentencesOf(result.hBefore, problem, stride),
        cell: sentencesOf(result.cell, problem, stride),
        tanhCell: sentencesOf(result.tanhCell, problem, stride),
        gates: sentencesOf(result.gates, problem, stride),
      };
      problem.wx.forEach((wx, s) => {
        const expected = lstm(oracleWeights(problem), wx, problem.reverse);
        expect(worst(found.y[s]!, expected.h)).toBeLessThanOrEqual(TOLERANCE);
        expect(worst(found.hBefore[s]!, expected.hBefore)).toBeLessThanOrEqual(TOLERANCE);
        expect(worst(found.cell[s]!, expected.c)).toBeLessThanOrEqual(TOLERANCE);
        expect(worst(found.gates[s]!, expected.gates)).toBeLessThanOrEqual(TOLERANCE);
        const tanhCell = expected.c.map((row) => row.map((c) => Math.tanh(c)));
        expect(worst(found.tanhCell[s]!, tanhCell)).toBeLessThanOrEqual(TOLERANCE);
      });
    }
  });

  test('passes back the gradient of the input products, by finite differences', async () => {
    for (const problem of PROBLEMS) {
      const result = await runOnce(problem);
      const found = sentencesOf(result.dz, problem, result.stride);
      const weights = oracleWeights(problem);
      problem.wx.forEach((rows, s) => {
        const wx = rows.map((row) => Float64Array.from(row));
        const loss = (): number =>
          lstm(weights, wx, problem.reverse).h.reduce(
            (sum, h, t) => sum + h.reduce((part, value, j) => part + value * problem.dy[s]![t]![j]!, 0),
            0,
          );
        const expected = wx.map((row) => centralDifferences(row, loss));
        expect(worst(found[s]!, expected)).toBeLessThanOrEqual(TOLERANCE);
      });
    }
  });

  test('is exactly +0 at padding, whatever was there, and leaves the gaps between rows alone', async () => {
    for (const junk of [1000, Number.NaN]) {
      for (const problem of PROBLEMS) {
        const result = await runOnce(problem, 'csr', junk);
        const schedule = scheduleOf(problem.wx.map((sentence) => sentence.length));
        for (const name of PLANES) {
          rowsOf(result[name], schedule.positions, result.stride);
          // The state before a token is copied for whole groups; what it holds at padding meets a gradient of +0.
          if (name === 'hBefore') continue;
          const words = bits(result[name]);
          for (const p of paddingOf(schedule)) {
            for (let i = p; i < words.length; i += result.stride) expect(words[i], `${name}, position ${p}`).toBe(0);
          }
        }
      }
    }
  });

  test('gives a sentence the same bits alone and in any batch', async () => {
    for (const batch of PROBLEMS) {
      const together = await runOnce(batch);
      for (let s = 0; s < batch.wx.length; s++) {
        const single: Problem = { ...batch, wx: [batch.wx[s]!], dy: [batch.dy[s]!] };
        const alone = await runOnce(single);
        for (const name of [...PLANES, 'gates'] as const) {
          expect(sentencesOf(alone[name], single, alone.stride)[0]).toEqual(sentencesOf(together[name], batch, together.stride)[s]);
        }
      }
    }
  });
});

describe('values that decay', () => {
  const steps = 14;

  /** A cell set by its first token to half of tanh(+-1), then multiplied by sigmoid(-8) = 3.4e-4 at each token; loss: the last h. */
  function decaying(sign: number, reverse: boolean): Problem {
    const wx = Array.from({ length: steps }, (_, t) => [0, -8, t === (reverse ? steps - 1 : 0) ? sign : 0, 0]);
    const dy = wx.map((_, t) => [t === (reverse ? 0 : steps - 1) ? sign : 0]);
    return {
      hidden: 1,
      reverse,
      recurrent: new Float32Array(4),
      mask: new Uint32Array(1),
      bias: new Float32Array(4),
      wx: [wx],
      dy: [dy],
    };
  }

  test('reach exact +0 below 1e-30: the cell and its gradient', async () => {
    for (const reverse of [false, true]) {
      for (const sign of [1, -1]) {
        const problem = decaying(sign, reverse);
        for (const result of await onEveryBuild((bench) => run(bench, problem, 'panel'))) {
          const inTime = <T>(rows: T[]): T[] => (reverse ? rows.reverse() : rows);
          const read = (values: Float32Array): number[][] => inTime(sentencesOf(values, problem, result.stride)[0]!);
          const trueCell = inTime(lstm(oracleWeights(problem), problem.wx[0]!, reverse).c);
          const cell = read(result.cell).map(([c]) => c!);
          cell.forEach((c, t) => {
            const expected = trueCell[t]![0]!;
            if (Math.abs(expected) < 1e-30) expect(c).toBe(0);
            else expect(Math.abs(c / expected - 1)).toBeLessThan(1e-5);
          });
          expect(cell.at(-1)).toBe(0);
          // The gradient of the cell decays the same way from the last token back; that of gate g is a half of it.
          const forget = 1 / (1 + Math.exp(8));
          const gradient = read(result.dz).map(([, , dg]) => dg!);
          gradient.slice(1).forEach((dg, n) => {
            const expected = 0.25 * sign * forget ** (steps - 2 - n);
            if (Math.abs(expected) < 1e-30) expect(dg).toBe(0);
            else expect(Math.abs(dg / expected - 1)).toBeLessThan(1e-5);
          });
          expect(gradient[0]).toBe(0);
        }
      }
    }
  });

  test('are not flushed when they are not numbers, so that they are found', async () => {
    const problem = decaying(1, false);
    const wx = problem.wx[0]!.map((row, t) => (t === 2 ? [Number.NaN, 0, 0, 0] : row));
    for (const result of await onEveryBuild((bench) => run(bench, { ...problem, wx: [wx] }, 'panel'))) {
      const y = sentencesOf(result.y, problem, result.stride)[0]!.map(([h]) => Number.isNaN(h));
      expect(y).toEqual(wx.map((_, t) => t >= 2));
      expect(sentencesOf(result.dz, problem, result.stride)[0]![2]!.some(Number.isNaN)).toBe(true);
    }
  });
});
