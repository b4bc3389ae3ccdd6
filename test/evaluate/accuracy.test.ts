import { expect, it } from 'vitest';
import { AccuracyCounter, tokenAccuracy } from '../../src/evaluate/accuracy.js';

it('weighs every token the same, however long its sentence', () => {
  const sentences = [
    { gold: ['A', 'B', 'C'], predicted: ['A', 'B', 'X'] },
    { gold: ['A'], predicted: ['X'] },
  ];
  expect(tokenAccuracy(sentences)).toBe(50);
});

it('compares whole labels', () => {
  expect(tokenAccuracy([{ gold: ['B-A', 'O', 'o'], predicted: ['I-A', 'O', 'O'] }])).toBe(100 / 3);
});

it('is 0 for no tokens', () => {
  expect(tokenAccuracy([])).toBe(0);
  expect(tokenAccuracy([{ gold: [], predicted: [] }])).toBe(0);
});

it('counts as it goes', () => {
  const counter = new AccuracyCounter();
  counter.add(['A', 'B'], ['A', 'A']);
  expect([counter.tokens, counter.correct, counter.accuracy]).toEqual([2, 1, 50]);
  counter.add(['A', 'B'], ['A', 'B']);
  expect([counter.tokens, counter.correct, counter.accuracy]).toEqual([4, 3, 75]);
});

it('refuses labellings of different length', () => {
  expect(() => new AccuracyCounter().add(['A'], ['A', 'A'])).toThrow(expect.objectContaining({ code: 'ACCURACY_LABEL_COUNT' }));
});
