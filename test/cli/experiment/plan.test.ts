import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { makePlan } from '../../../cli/experiment/plan.js';
import { planRuns } from '../../../cli/experiment/runs.js';
import { UsageError } from '../../../cli/usage-error.js';
import { errorOf } from '../../helpers/text.js';

const PLAN = {
  name: 'toy',
  base: 'base.json',
  seeds: [1, 2, 3],
  cells: {
    random: { 'train.sharing': 'sparse', 'subnets.file': 'cell:sparse', 'subnets.masks': 'random' },
    other: { 'subnets.file': 'cell:sparse@next' },
    sparse: { 'train.sharing': 'sparse', 'prune.keep': [0.5, 0.2] },
  },
};
const planOf = (change: Record<string, unknown> = {}) => makePlan({ ...PLAN, ...change }, path.resolve('folder/file.json'));

describe('an experiment file', () => {
  test('has its base beside it, and cells that give masks before those that take them', () => {
    const plan = planOf();
    expect(plan.base).toBe(path.resolve('folder/base.json'));
    expect(plan.cells.map(({ name }) => name)).toEqual(['sparse', 'random', 'other']);
    expect(plan.cells[0]!.overrides).toEqual([
      ['train.sharing', 'sparse'],
      ['prune.keep', '[0.5,0.2]'],
    ]);
  });

  test('runs each cell with each seed, masks from the same or the next seed', () => {
    const runs = planRuns(planOf(), '/out', [['train.epochs', '2']]);
    expect(runs).toHaveLength(9);
    const sourceOf = (cell: string, seed: number) => runs.find((run) => run.cell.name === cell && run.seed === seed)!.source?.folder;
    expect(sourceOf('random', 2)).toBe(path.join('/out', 'cells', 'sparse', 'seed-2'));
    expect(sourceOf('other', 3)).toBe(path.join('/out', 'cells', 'sparse', 'seed-1'));
    for (const [i, run] of runs.entries()) {
      if (run.source) expect(runs.indexOf(run.source)).toBeLessThan(i);
      expect(run.overrides).toContainEqual(['train.epochs', '2']);
      expect(run.overrides.at(-1)).toEqual(['seed', `${run.seed}`]);
    }
  });

  test('expands a grid into named cells', () => {
    const { cells } = planOf({ cells: {}, grid: { 'prune.keep': [[0.5], [0.5, 0.2]], 'train.sharing': ['sparse', 'subnet'] } });
    expect(cells.map(({ name }) => name)).toEqual([
      'keep=0.5_sharing=sparse',
      'keep=0.5_sharing=subnet',
      'keep=0.5-0.2_sharing=sparse',
      'keep=0.5-0.2_sharing=subnet',
    ]);
  });

  test.each([
    [{ seeds: [] }, 'seeds'],
    [{ seeds: [1, 1] }, 'seeds'],
    [{ seeds: [-1] }, 'seeds'],
    [{ name: '../x' }, 'name'],
    [{ base: 7 }, 'base'],
    [{ cells: {} }, 'cells'],
    [{ cells: { '../up': {} } }, '"../up" is no name'],
    [{ cells: { a: 3 } }, 'cells.a'],
    [{ cells: { a: { 'subnets.file': 'cell:b' } } }, 'no cell b'],
    [{ cells: { a: { 'subnets.file': 'cell:b@last' } } }, 'cell:NAME@next'],
    [{ cells: { a: { 'subnets.file': 'cell:b' }, b: { 'subnets.file': 'cell:a' } } }, 'circle: a, b, a'],
    [{ seeds: [1], cells: { a: {}, b: { 'subnets.file': 'cell:a@next' } } }, 'two seeds'],
    [{ compare: [['sparse']] }, 'compare'],
    [{ compare: [['sparse', 'radnom']] }, 'did you mean random?'],
    [{ curves: [{ title: 'x', cells: ['y'] }] }, 'curves.0.cells'],
    [{ seed: [1] }, 'did you mean seeds?'],
  ])('is refused with %j', (change, part) => {
    const error = errorOf(() => planOf(change), UsageError);
    expect(error?.message).toContain(part);
    expect(error?.message).toContain('file.json');
  });
});
