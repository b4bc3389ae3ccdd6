import { describe, expect, test } from 'vitest';
import type { Config, PruneConfig } from '../../src/config/config.js';
import { ConfigError } from '../../src/errors.js';
import { keepSchedule, planPhases } from '../../src/train/phases.js';
import { smallConfig } from '../helpers/small-run.js';
import { errorOf } from '../helpers/text.js';

const PRUNE: PruneConfig = { ...smallConfig({}).prune, rate: 0.5, rounds: 3, keep: [], minimumKept: 0, select: 'dev' };

/** Weights that the reference keeps after rounds 1 to 20, of 1,490,700 (docs/method.md). */
const REFERENCE_COUNTS = [
  1328588, 1184105, 1055335, 940568, 838282, 747120, 665871, 593458, 528920, 471400, 420136, 374447, 333726, 297434, 265088, 236260, 210567,
  187668, 167259, 149070,
];

describe('the keep schedule', () => {
  test('has the counts of the reference at its rate, 1 - 0.1^(1/20) = 0.108749...', () => {
    for (const rate of [0.108749, 0.10874906, 0.10874906186625444]) {
      expect(keepSchedule({ ...PRUNE, rate, rounds: 20 }, 1_490_700)).toEqual(REFERENCE_COUNTS);
    }
    expect(keepSchedule({ ...PRUNE, rate: 0.10875, rounds: 20 }, 1_490_700)).not.toEqual(REFERENCE_COUNTS);
  });

  test('prunes a share of what is left, rounded half to even', () => {
    // 1 of 2.5 to 2, of 1.5 to 2, of 0.5 to 0.
    expect(keepSchedule({ ...PRUNE, rate: 0.5, rounds: 4 }, 5)).toEqual([3, 1, 1, 1]);
    expect(keepSchedule({ ...PRUNE, rate: 0.25, rounds: 2 }, 100)).toEqual([75, 56]);
  });

  test('stops before a round that would keep less than the minimum, and keeps a round exactly at it', () => {
    expect(keepSchedule({ ...PRUNE, minimumKept: 0.25 }, 1024)).toEqual([512, 256]);
    expect(keepSchedule({ ...PRUNE, minimumKept: 0.26 }, 1024)).toEqual([512]);
    expect(keepSchedule({ ...PRUNE, rate: 0.108749, rounds: 30, minimumKept: 0.1 }, 1_490_700)).toEqual(REFERENCE_COUNTS);
  });

  test('takes an explicit list of counts and of fractions instead', () => {
    expect(keepSchedule({ ...PRUNE, keep: [900, 0.5, 100] }, 1000)).toEqual([900, 500, 100]);
    expect(keepSchedule({ ...PRUNE, keep: [1, 0.3162] }, 1_490_700)).toEqual([1_490_700, 471_359]);
  });

  test.each([
    ['a list that rises', { keep: [500, 600] }],
    ['more than there are', { keep: [1001] }],
    ['no rounds', { rounds: 0 }],
    ['a minimum above the first round', { minimumKept: 0.6 }],
    ['a selected round that is not there', { select: 4 }],
  ])('refuses %s', (_, change) => {
    expect(errorOf(() => keepSchedule({ ...PRUNE, ...change }, 1000), ConfigError)?.code).toBe('CONFIG_KEEP_SCHEDULE');
  });
});

describe('the phases of a network', () => {
  const names = (config: Config, tasks: readonly number[], counts: readonly number[]): string[] =>
    planPhases(config, { heads: tasks, finished: tasks }, counts).map(({ phase }) => [phase.name, phase.task, phase.round].join(' '));
  const sparse = (change: Record<string, unknown> = {}): Config => smallConfig({ ...change, train: { sharing: 'sparse' } });
  const [first, second] = sparse().tasks.map(({ name }) => name);

  test('are one training for single and hard sharing', () => {
    expect(names(smallConfig({ train: { sharing: 'hard' } }), [0, 1], [])).toEqual(['train  -1']);
    expect(names(smallConfig({ train: { sharing: 'single' } }), [1], [])).toEqual([`train ${second} -1`]);
  });

  test('are warm-up, the rounds of each task, then the subnets together for sparse sharing', () => {
    const config = sparse({ warmup: { epochs: 2, steps: 0 } });
    const phases = planPhases({ ...config, prune: { ...config.prune, select: 'dev' } }, { heads: [0, 1], finished: [0, 1] }, [50, 20]);
    expect(phases.map(({ phase }) => [phase.name, phase.task, phase.round])).toEqual([
      ['warmup', null, -1],
      ['prune', first, 0],
      ['prune', first, 1],
      ['prune', first, 2],
      ['prune', second, 0],
      ['prune', second, 1],
      ['prune', second, 2],
      ['train', null, -1],
    ]);
    expect(phases.map(({ tasks }) => tasks)).toEqual([[0, 1], [0], [0], [0], [1], [1], [1], [0, 1]]);
    expect(phases[0]).toMatchObject({ epochs: 2, patience: 0, optimizer: config.train.optimizer });
    expect(phases[1]).toMatchObject({ epochs: config.prune.epochs, steps: config.prune.steps, optimizer: config.prune.optimizer });
    expect(phases.at(-1)).toMatchObject({ epochs: config.train.epochs, steps: 0, optimizer: config.train.optimizer });
  });

  test('have no warm-up without a budget for it, and no training beyond the fixed round that is asked for', () => {
    const config = sparse({ warmup: { epochs: 0, steps: 0 } });
    const fixed = { ...config, prune: { ...config.prune, select: 1 } };
    expect(names(fixed, [0], [50, 20])).toEqual([`prune ${first} 0`, `train ${first} -1`]);
  });
});
