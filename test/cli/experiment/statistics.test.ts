import { describe, expect, test } from 'vitest';
import {
  incompleteBeta,
  logGamma,
  pairedBootstrap,
  pairedT,
  type SentenceCounts,
  spreadOf,
  studentTails,
} from '../../../cli/experiment/statistics.js';

describe('spread', () => {
  test('is the mean and the sample standard deviation', () => {
    expect(spreadOf([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ n: 8, mean: 5, sd: Math.sqrt(32 / 7) });
    expect(spreadOf([3])).toEqual({ n: 1, mean: 3, sd: 0 });
  });
});

describe("Student's t", () => {
  test.each([
    // Critical values of printed tables: two-sided 5 %, 1 % and 10 %.
    [12.706, 1, 0.05],
    [4.303, 2, 0.05],
    [2.776, 4, 0.05],
    [4.604, 4, 0.01],
    [2.228, 10, 0.05],
    [1.96, 1e6, 0.05],
    [1.6449, 1e6, 0.1],
  ])('has %f at %i degrees as the bound of p = %f', (t, freedom, p) => {
    expect(studentTails(t, freedom)).toBeCloseTo(p, 4);
    expect(studentTails(-t, freedom)).toBe(studentTails(t, freedom));
  });

  test('is Cauchy with one degree, and has a closed form with two', () => {
    for (const t of [0.1, 0.7, 1, 3, 50]) {
      expect(studentTails(t, 1)).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(t), 10);
      expect(studentTails(t, 2)).toBeCloseTo(1 - t / Math.sqrt(2 + t * t), 10);
    }
  });

  test('stands on functions with known values', () => {
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 11);
    expect(logGamma(11)).toBeCloseTo(Math.log(3628800), 12);
    expect(incompleteBeta(0.3, 1, 4)).toBeCloseTo(1 - 0.7 ** 4, 12);
    expect(incompleteBeta(0.8, 5, 1)).toBeCloseTo(0.8 ** 5, 11);
    expect(incompleteBeta(0.5, 7.5, 7.5)).toBeCloseTo(0.5, 11);
  });

  test('pairs: p of the mean difference; 0 or 1 without spread, nothing for one pair', () => {
    const { t, p } = pairedT([1, 2, 3, 4])!;
    expect(t).toBeCloseTo(2.5 / (Math.sqrt(5 / 3) / 2), 12);
    expect(p).toBeCloseTo(0.0305, 3);
    expect(pairedT([0, 0])).toEqual({ t: 0, p: 1 });
    expect(pairedT([2, 2])?.p).toBe(0);
    expect(pairedT([2])).toBeNull();
  });
});

describe('the paired bootstrap', () => {
  const run = (metric: SentenceCounts['metric'], sentences: readonly (readonly number[])[]): SentenceCounts => ({
    metric,
    counts: Int32Array.from(sentences.flat()),
  });

  test('finds no difference between a run and itself', () => {
    const one = run(
      'accuracy',
      Array.from({ length: 50 }, (_, i) => [i % 7, 10]),
    );
    expect(pairedBootstrap([[one, one]])).toEqual({ p: 1, interval: [0, 0] });
  });

  test('is sure of a run that is better on every sentence, by as much as it is', () => {
    const better = run(
      'accuracy',
      Array.from({ length: 50 }, () => [9, 10]),
    );
    const worse = run(
      'accuracy',
      Array.from({ length: 50 }, () => [7, 10]),
    );
    const { p, interval } = pairedBootstrap([[better, worse]]);
    expect(p).toBe(0);
    expect(interval[0]).toBeCloseTo(20, 9);
    expect(interval[1]).toBeCloseTo(20, 9);
  });

  test('has the standard error of a difference that is known', () => {
    // On each of 400 sentences of one token one side alone is right, half of the time: sd of the mean is 1 / sqrt(400).
    const a = run(
      'accuracy',
      Array.from({ length: 400 }, (_, i) => [i % 2, 1]),
    );
    const b = run(
      'accuracy',
      Array.from({ length: 400 }, (_, i) => [1 - (i % 2), 1]),
    );
    const { p, interval } = pairedBootstrap([[a, b]], 4000);
    expect(p).toBeGreaterThan(0.9);
    expect(interval[0]).toBeCloseTo(-196 / 20, -0.3);
    expect(interval[1]).toBeCloseTo(196 / 20, -0.3);
  });

  test('sums spans before it takes their F1', () => {
    const a = run('f1', [
      [2, 2, 2],
      [0, 0, 2],
    ]);
    const b = run('f1', [
      [1, 2, 2],
      [1, 2, 2],
    ]);
    // Both sentences: 2 * 2 / (2 + 4) against 2 * 2 / (4 + 4); the first twice 100 against 50; the second twice 0 against 50.
    expect(pairedBootstrap([[a, b]]).interval).toEqual([-50, 50]);
  });
});
