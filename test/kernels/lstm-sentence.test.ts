import { describe, expect, test } from 'vitest';
import { LANES, roundUp, TILE_POSITIONS } from '../../src/runtime/layout.js';
import { positionOf, scheduleOf } from '../helpers/schedule.js';
import { type Bench, onEveryBuild, testNumbers } from './harness.js';
import { bits, randomMask, randomValues } from './matrices.js';
import { blank, rowsOf } from './planes.js';

/** Around the blocks of four steps. */
const LENGTHS = [9, 8, 5, 4, 3, 2, 1, 17];
/** Around the groups of four units and of four panels. */
const HIDDEN = [1, 3, 4, 7, 16, 18];
const DENSITIES = [0, 0.3, 1];

interface Layer {
  readonly hidden: number;
  readonly recurrent: Float32Array;
  readonly mask: Uint32Array;
  readonly bias: Float32Array;
  /** [sentence][token][row] */
  readonly wx: readonly (readonly number[])[][];
}

function layer(hidden: number, density: number): Layer {
  const next = testNumbers(hidden);
  const size = 4 * hidden * hidden;
  return {
    hidden,
    recurrent: randomValues(size, hidden),
    mask: randomMask(size, density === 1 ? 2 : density, hidden + 50),
    bias: randomValues(4 * hidden, hidden + 100),
    wx: LENGTHS.map((length) => Array.from({ length }, () => Array.from({ length: 4 * hidden }, () => Math.fround(2 * next())))),
  };
}

type Operand = [weight: number, index: number, value: number];

function panelOf(bench: Bench, { hidden, recurrent, mask }: Layer): Operand {
  const panel = bench.words(recurrent.length);
  bench.kernels.packRows(panel, bench.f32(recurrent), bench.u32(mask), 4 * hidden, hidden);
  return [panel, 0, 0];
}

function slicesOf(bench: Bench, { hidden, recurrent, mask }: Layer): Operand {
  const [rows, room] = [4 * hidden, recurrent.length / LANES + hidden];
  const [slices, offset, value] = [bench.words(hidden + 1 + 2 * rows), bench.words(2 * room), bench.words(4 * room)];
  bench.kernels.sliceRows(slices, offset, bench.u32(mask), rows, hidden);
  bench.kernels.sliceGather(value, bench.f32(recurrent), slices, offset, rows, hidden);
  return [slices, offset, value];
}

/** h of every sentence as lstmForward gives it for all of them in one batch: [sentence][token][unit]. */
function inBatch(bench: Bench, { hidden, bias, wx }: Layer, reverse: boolean, weights: Operand): number[][][] {
  const schedule = scheduleOf(LENGTHS);
  const stride = schedule.positions;
  const gates = new Float32Array(4 * hidden * stride);
  schedule.order.forEach((sentence, b) => {
    wx[sentence]!.forEach((row, t) => {
      row.forEach((value, r) => {
        gates[r * stride + positionOf(schedule, b, t)] = value;
      });
    });
  });
  const plane = (): number => bench.words(hidden * stride);
  const [y, width] = [plane(), schedule.base[1]!];
  const [base, valid] = [bench.u32(schedule.base), bench.u32(schedule.valid)];
  const tiles = bench.words(hidden * roundUp(width, TILE_POSITIONS));
  const planes = [bench.f32(gates), y, plane(), plane(), plane(), bench.f32(bias)] as const;
  const steps = schedule.valid.length;
  bench.kernels.lstmForward(...planes, ...weights, hidden, stride, steps, base, valid, reverse ? 1 : 0, tiles, 0, width);
  const found = bench.readF32(y, hidden * stride);
  return wx.map((tokens, sentence) =>
    tokens.map((_, t) => {
      const position = positionOf(schedule, schedule.order.indexOf(sentence), t);
      return Array.from({ length: hidden }, (_, j) => found[j * stride + position]!);
    }),
  );
}

/** The same for one sentence alone; checks padding and gaps, and that W x stays as it was. */
function alone(bench: Bench, { hidden, bias, wx }: Layer, sentence: number, reverse: boolean, weights: Operand): number[][] {
  const tokens = wx[sentence]!;
  const positions = roundUp(tokens.length, LANES);
  const stride = positions + 4;
  const gates = blank(4 * hidden, positions, stride);
  for (let r = 0; r < 4 * hidden; r++) {
    for (let t = 0; t < positions; t++) gates[r * stride + t] = tokens[t]?.[r] ?? Number.NaN;
  }
  const [pGates, y] = [bench.f32(gates), bench.f32(blank(hidden, positions, stride))];
  const scratch = bench.f32(new Float32Array(21 * hidden).fill(Number.NaN));
  bench.kernels.lstmForwardSentence(y, pGates, bench.f32(bias), ...weights, hidden, stride, tokens.length, reverse ? 1 : 0, scratch);
  expect(bits(bench.readF32(pGates, gates.length))).toEqual(bits(gates));
  const rows = rowsOf(bench.readF32(y, hidden * stride), positions, stride);
  for (const row of rows) for (const padding of row.slice(tokens.length)) expect(padding).toBe(0);
  return tokens.map((_, t) => rows.map((row) => row[t]!));
}

describe.each(HIDDEN)('an LSTM layer of %i units over one sentence', (hidden) => {
  test.each(DENSITIES)(
    'has the bits of the sentence in a batch, on every build, with dense and sparse weights (%f kept)',
    async (density) => {
      const problem = layer(hidden, density);
      for (const reverse of [false, true]) {
        const results = await onEveryBuild((bench) => {
          const panel = panelOf(bench, problem);
          const forms = [panel, slicesOf(bench, problem)];
          return {
            batch: inBatch(bench, problem, reverse, panel),
            alone: forms.map((weights) => LENGTHS.map((_, sentence) => alone(bench, problem, sentence, reverse, weights))),
          };
        });
        for (const { batch, alone } of results) {
          expect(batch).toEqual(results[0]!.batch);
          for (const sentences of alone) expect(sentences).toEqual(batch);
        }
      }
    },
  );
});

test('a cell that decays reaches exact +0 as in a batch', async () => {
  const [length, hidden] = [14, 4];
  const wx = Array.from({ length }, (_, t) =>
    Array.from({ length: 16 }, (_, r) => (r >= 4 && r < 8 ? -8 : r >= 8 && r < 12 && t === 0 ? 1 : 0)),
  );
  const problem: Layer = { hidden, recurrent: new Float32Array(64), mask: new Uint32Array(2), bias: new Float32Array(16), wx: [wx] };
  for (const h of await onEveryBuild((bench) => alone(bench, problem, 0, false, panelOf(bench, problem)))) {
    expect(h[0]!.every((value) => value > 0)).toBe(true);
    expect(h.at(-1)).toEqual([0, 0, 0, 0]);
  }
});
