import { expect, test } from 'vitest';
import { GROUPS } from '../../bench/cells.mjs';
import { type Cell, judge } from '../../bench/goals.mjs';

const TRAINING = 'training, batches of similar length';
const cell = (engine: string, keep: number, threads: number, ...speeds: number[]): Cell => ({ engine, keep, tasks: 3, threads, speeds });
const goalOf = (results: readonly Cell[], name: string, extras = {}) =>
  judge([{ name: TRAINING, results }], extras).find(({ goal }) => goal === name)!;

test('a ratio is the median over rounds of the ratio within a round', () => {
  // The second round fell into a slow moment for both.
  const results = [cell('sparsetag', 1, 1, 200, 20, 210), cell('pytorch', 1, 1, 100, 10, 100)];
  expect(goalOf(results, 'training, dense / PyTorch, one thread')).toMatchObject({ measured: 2, target: '≥ 1.6', met: true });
});

test('each side at its best is its faster number of threads', () => {
  const results = [cell('sparsetag', 1, 1, 100), cell('sparsetag', 1, 2, 180), cell('pytorch', 1, 1, 90), cell('pytorch', 1, 2, 30)];
  expect(goalOf(results, 'training, dense / PyTorch, each at its best')).toMatchObject({ measured: 2, met: false });
});

test('what did not run is neither met nor missed', () => {
  const missing: Cell = { engine: 'pytorch', keep: 1, tasks: 3, threads: 1, missing: 'no torch' };
  const found = goalOf([cell('sparsetag', 1, 1, 100), missing], 'training, dense / PyTorch, one thread');
  expect(found).toMatchObject({ measured: null, met: null });
});

test('a bound from above is met from below', () => {
  const name = 'peak memory of training, 30,000 words, sentences to 128 tokens, MB';
  expect(goalOf([], name, { peakMegabytes: 299 }).met).toBe(true);
  expect(goalOf([], name, { peakMegabytes: 301 }).met).toBe(false);
});

test('a full run measures every goal', () => {
  const groups = GROUPS.map(({ name, cells }) => ({ name, results: cells.map((each) => ({ ...each, speeds: [1] })) }));
  const extras = { outsideKernels: 1, peakMegabytes: 1, tagKilobytes: 1, trainKilobytes: 1 };
  expect(judge(groups, extras).filter(({ measured }) => measured === null)).toEqual([]);
});
