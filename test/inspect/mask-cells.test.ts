import { expect, test } from 'vitest';
import { cellsOf } from '../../src/inspect/mask-cells.js';
import { summarizeModel } from '../../src/inspect/model-summary.js';
import { runTraining, smallConfig, smallCorpus } from '../helpers/small-run.js';

const place = { layer: 0, gate: 'i', direction: 'forward', part: 'input', rows: 2, columns: 4, begin: 0 } as const;

test('cells count what each task keeps, what it alone keeps, and what all and any of them keep', () => {
  const masks = [
    { task: 'a', bits: Uint32Array.of(0b0000_0111) },
    { task: 'b', bits: Uint32Array.of(0b1000_0110) },
  ];
  const { high, wide, size, tasks, all, union } = cellsOf({ ...place, masks });
  expect([high, wide, [...size]]).toEqual([2, 4, Array(8).fill(1)]);
  expect([...tasks[0]!.kept]).toEqual([1, 1, 1, 0, 0, 0, 0, 0]);
  expect([...tasks[0]!.alone]).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
  expect([...tasks[1]!.alone]).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
  expect([...all]).toEqual([0, 1, 1, 0, 0, 0, 0, 0]);
  expect([...union]).toEqual([1, 1, 1, 0, 0, 0, 0, 1]);
});

test('the cells of a model add up to its masks', async () => {
  const { networks } = summarizeModel((await runTraining(smallConfig(), {}, smallCorpus(40))).done.model);
  const [{ masks, cells }] = networks as [(typeof networks)[number]];
  const sum = (part: (matrix: (typeof cells)[number]) => Uint32Array) =>
    cells.reduce((total, matrix) => total + part(matrix).reduce((a, b) => a + b, 0), 0);
  expect(sum(({ size }) => size)).toBe(masks!.prunable);
  expect(sum(({ union }) => union)).toBe(masks!.union);
  expect(sum(({ tasks }) => tasks[0]!.kept)).toBe(masks!.kept.pos);
  expect(sum(({ all }) => all) / masks!.union).toBeCloseTo(masks!.overlap.raw, 12);
});
