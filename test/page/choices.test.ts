import { expect, test } from 'vitest';
import { configOf, DEFAULT_CHOICES, ROUNDS } from '../../web/train/choices.js';
import { SAMPLE_COLUMNS } from '../../web/train/sample.js';

test('choices of the page make a whole config', () => {
  const config = configOf(DEFAULT_CHOICES, SAMPLE_COLUMNS, true, 'train');
  expect(config.tasks.map(({ name, type, head }) => [name, type, head])).toEqual([
    ['pos', 'tags', 'softmax'],
    ['chunk', 'spans', 'crf'],
    ['ner', 'spans', 'crf'],
  ]);
  expect(config.prune).toMatchObject({ keep: ROUNDS['0.4'], rewind: 'warmup' });
  expect(config.corpora[0]).toMatchObject({ test: 'test', format: 'conll' });
});

test('what is not sparse has no warm-up, and files name their format', () => {
  const config = configOf({ ...DEFAULT_CHOICES, sharing: 'hard', crf: false }, SAMPLE_COLUMNS, false, 'a.jsonl');
  expect(config.warmup.epochs).toBe(0);
  expect(config.corpora[0]).toMatchObject({ test: null, format: 'jsonl' });
  expect(config.tasks.every(({ head }) => head === 'softmax')).toBe(true);
});

test('no task is refused with a typed error', () => {
  expect(() => configOf(DEFAULT_CHOICES, [], false, 'train')).toThrow(/tasks/);
});
