import { LANES, roundUp, TILE_POSITIONS } from '../../runtime/layout.js';
import type { Probe } from '../probe.js';
import { columnIndex, columnPanel, rowIndex, rowPanel, slices } from './products.js';

/** Lengths of the sentences of a batch by rank; lanes in two groups, of which one retires whole. */
const LENGTHS = [7, 5, 5, 4, 2, 1];
const VALID = Array.from({ length: LENGTHS[0]! }, (_, t) => LENGTHS.filter((length) => length > t).length);
const BASE = [0];
for (const count of VALID) BASE.push(BASE.at(-1)! + roundUp(count, LANES));
const LANE_COUNT = BASE[1]!;
const STRIDE = BASE.at(-1)! + 4;
const HIDDEN = [3, 8];
/** Percentages of kept recurrent weights. */
const DENSITIES = [30, 100];

/** A dense panel or an index, as arguments of a recurrence. */
type Operand = readonly [weight: number, index: number, value: number];

function eachLayer(probe: Probe, body: (hidden: number, weights: number, mask: number, reverse: number) => void): void {
  for (const hidden of HIDDEN) {
    for (const percent of DENSITIES) {
      const size = 4 * hidden * hidden;
      for (const reverse of [0, 1]) body(hidden, probe.numbers(size), probe.mask(size, percent), reverse);
    }
  }
}

function planes(probe: Probe, count: number, rows: number): number[] {
  return Array.from({ length: count }, () => probe.numbers(rows * STRIDE));
}

function tileBytes(features: number): number {
  return 4 * features * roundUp(LANE_COUNT, TILE_POSITIONS);
}

function lstmForward(probe: Probe): void {
  eachLayer(probe, (hidden, weights, mask, reverse) => {
    const { start, index, value } = rowIndex(probe, weights, mask, 4 * hidden, hidden);
    const operands: Operand[] = [
      [rowPanel(probe, weights, mask, 4 * hidden, hidden), 0, 0],
      [start, index, value],
    ];
    const order = [probe.i32(BASE), probe.i32(VALID), reverse] as const;
    for (const operand of operands) {
      const [gates, bias] = [probe.numbers(4 * hidden * STRIDE, 2), probe.numbers(4 * hidden)];
      const [y, before, cell, tanhCell] = planes(probe, 4, hidden) as [number, number, number, number];
      const written = [gates, y, before, cell, tanhCell, bias] as const;
      const tiles = probe.scratch(tileBytes(hidden));
      probe.run('lstmForward', [...written, ...operand, hidden, STRIDE, LENGTHS[0]!, ...order, tiles, 0, LANE_COUNT]);
    }
  });
}

function lstmBackward(probe: Probe): void {
  eachLayer(probe, (hidden, weights, mask, reverse) => {
    const { start, index, value } = columnIndex(probe, weights, mask, 4 * hidden, hidden);
    const operands: Operand[] = [
      [columnPanel(probe, weights, mask, 4 * hidden, hidden), 0, 0],
      [start, index, value],
    ];
    const order = [probe.i32(BASE), probe.i32(VALID), reverse] as const;
    for (const operand of operands) {
      const read = [probe.numbers(4 * hidden * STRIDE), ...planes(probe, 3, hidden)];
      const state = probe.scratch(8 * hidden * LANE_COUNT);
      const tiles = probe.scratch(tileBytes(4 * hidden));
      probe.run('lstmBackward', [...read, state, ...operand, hidden, STRIDE, LENGTHS[0]!, ...order, tiles, 0, LANE_COUNT]);
    }
  });
}

function lstmForwardSentence(probe: Probe): void {
  const [steps, stride] = [9, 16];
  eachLayer(probe, (hidden, weights, mask, reverse) => {
    const { start, index, value } = slices(probe, weights, mask, 4 * hidden, hidden);
    const operands: Operand[] = [
      [rowPanel(probe, weights, mask, 4 * hidden, hidden), 0, 0],
      [start, index, value],
    ];
    for (const operand of operands) {
      const [y, gates, bias] = [probe.numbers(hidden * stride), probe.numbers(4 * hidden * stride, 2), probe.numbers(4 * hidden)];
      const scratch = probe.scratch(4 * 21 * hidden);
      probe.run('lstmForwardSentence', [y, gates, bias, ...operand, hidden, stride, steps, reverse, scratch]);
    }
  });
}

export const RECURRENCES = { lstmForward, lstmBackward, lstmForwardSentence };
