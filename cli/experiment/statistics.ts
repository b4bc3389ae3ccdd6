// Statistics for reports: plain numbers, none of which reaches a model.

export interface Spread {
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation, n - 1 in the denominator; 0 for one value. */
  readonly sd: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : 0 };
}

/**
 * Two-sided p-value of the paired t-test that the mean difference is 0; null for fewer than two pairs.
 * Where all differences are equal it is 0, or 1 if they are 0.
 */
export function pairedT(differences: readonly number[]): { readonly t: number; readonly p: number } | null {
  const { n, mean, sd } = spreadOf(differences);
  if (n < 2) return null;
  if (sd === 0) return { t: mean === 0 ? 0 : Math.sign(mean) * Number.MAX_VALUE, p: mean === 0 ? 1 : 0 };
  const t = mean / (sd / Math.sqrt(n));
  return { t, p: studentTails(t, n - 1) };
}

/** P(|T| >= |t|) for Student's t with `freedom` degrees: I_x(freedom / 2, 1 / 2) at x = freedom / (freedom + t^2). */
export function studentTails(t: number, freedom: number): number {
  return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
}

/** The regularised incomplete beta function I_x(a, b), by its continued fraction (Lentz's method). */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast below the mean of the distribution; above it the symmetric one does.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x)) / a;
  const tiny = 1e-300;
  let [c, d, fraction] = [1, 0, 1];
  for (let i = 0; i <= 300; i++) {
    const m = Math.floor(i / 2);
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = -((a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    const numerator = i === 0 ? 1 : i % 2 === 0 ? even : odd;
    d = 1 / (1 + numerator * d || tiny);
    c = 1 + numerator / c || tiny;
    fraction *= c * d;
    if (Math.abs(1 - c * d) < 1e-12) break;
  }
  return front * (fraction - 1);
}

/** log Γ(x) for x > 0: Stirling's series after the recurrence has brought x above 10. */
export function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  for (; y < 10; y++) shift += Math.log(y);
  const r = 1 / (y * y);
  const series = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r / 1680))) / y;
  return (y - 0.5) * Math.log(y) - y + Math.log(2 * Math.PI) / 2 + series - shift;
}

/** What one run did on each test sentence: `parts` counts a sentence, and how their sums make a score. */
export interface SentenceCounts {
  readonly metric: 'accuracy' | 'f1';
  /** accuracy: correct, tokens; f1: correct, predicted, gold - sentence after sentence. */
  readonly counts: Int32Array;
}

/** Percent: accuracy = correct / tokens, f1 = 2 correct / (predicted + gold). */
export function scoreOf(metric: SentenceCounts['metric'], sums: ArrayLike<number>): number {
  const below = metric === 'accuracy' ? sums[1]! : sums[1]! + sums[2]!;
  const above = metric === 'accuracy' ? sums[0]! : 2 * sums[0]!;
  return below === 0 ? 0 : (100 * above) / below;
}

export function partsOf(metric: SentenceCounts['metric']): number {
  return metric === 'accuracy' ? 2 : 3;
}

export interface Bootstrap {
  /** Two-sided: twice the share of resamples on the other side of 0, at most 1. */
  readonly p: number;
  /** 2.5 and 97.5 percentiles of the difference. */
  readonly interval: readonly [number, number];
}

/**
 * Paired bootstrap over test sentences (Koehn 2004): the same sentences are drawn, with replacement, for every run of both
 * sides; scores are averaged over the runs of a side, and the difference is kept. Deterministic.
 *
 * @param pairs runs of the two sides, seed by seed
 */
export function pairedBootstrap(pairs: readonly (readonly [SentenceCounts, SentenceCounts])[], resamples = 2000): Bootstrap {
  const { metric } = pairs[0]![0];
  const parts = partsOf(metric);
  const sentences = pairs[0]![0].counts.length / parts;
  const draw = randomIntegers(0x5eed, sentences);
  const drawn = new Int32Array(sentences);
  const differences = new Float64Array(resamples);
  const sums = new Float64Array(parts);
  const score = (counts: Int32Array): number => {
    sums.fill(0);
    for (let i = 0; i < sentences; i++) for (let p = 0, at = drawn[i]! * parts; p < parts; p++) sums[p]! += counts[at + p]!;
    return scoreOf(metric, sums);
  };
  for (let r = 0; r < resamples; r++) {
    for (let i = 0; i < sentences; i++) drawn[i] = draw();
    differences[r] = pairs.reduce((sum, [a, b]) => sum + score(a.counts) - score(b.counts), 0) / pairs.length;
  }
  differences.sort();
  const below = differences.filter((difference) => difference <= 0).length;
  const above = differences.filter((difference) => difference >= 0).length;
  const at = (q: number): number => differences[Math.min(resamples - 1, Math.floor(q * resamples))]!;
  return { p: Math.min(1, (2 * Math.min(below, above)) / resamples), interval: [at(0.025), at(0.975)] };
}

/** Integers from 0 to count - 1, by a 32-bit counter mixed with multiplications and shifts. */
function randomIntegers(seed: number, count: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let word = state ^ (state >>> 16);
    word = Math.imul(word, 0x21f0aaad);
    word ^= word >>> 15;
    word = Math.imul(word, 0x735a2d97);
    word ^= word >>> 15;
    return Math.floor(((word >>> 0) / 4294967296) * count);
  };
}
