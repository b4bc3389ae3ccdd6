import { expect, test } from 'vitest';
import { roundUp } from '../../src/runtime/layout.js';
import {
  type CrfScores,
  crfEnumerate,
  crfScore,
  crfLogPartition as oracleLogPartition,
  crfLoss as oracleLoss,
  crfMarginals as oracleMarginals,
} from '../oracle/crf.js';
import { Bench, BUILDS, onEveryBuild, testNumbers } from './harness.js';

type Draw = () => number;

/** Scores whose every number is an f32, so that kernel and oracle start from the same. */
function randomScores(draw: Draw, T: number, K: number, hasStart: boolean, hasEnd = hasStart): CrfScores {
  const row = (): number[] => Array.from({ length: K }, () => Math.fround(draw()));
  return {
    emissions: Array.from({ length: T }, row),
    transitions: Array.from({ length: K }, row),
    start: hasStart ? row() : undefined,
    end: hasEnd ? row() : undefined,
  };
}

function randomTags(next: Draw, T: number, K: number): number[] {
  return Array.from({ length: T }, () => Math.floor(((next() + 1) / 2) * K));
}

/** Addresses of one sentence's scores; every padding column is NaN, which must never be looked at. */
interface Placed {
  readonly T: number;
  readonly K: number;
  readonly stride: number;
  readonly emissions: number;
  readonly transitions: number;
  readonly start: number;
  readonly end: number;
  readonly scratch: number;
}

function padded(rows: readonly (readonly number[])[], stride: number): number[] {
  return rows.flatMap((row) => [...row, ...new Array<number>(stride - row.length).fill(Number.NaN)]);
}

function place(bench: Bench, scores: CrfScores, extraColumns = 0): Placed {
  const T = scores.emissions.length;
  const K = scores.transitions.length;
  const stride = roundUp(K, 4) + extraColumns;
  const bytes = bench.kernels.crfScratchBytes(T, K);
  const scratch = bench.words(bytes / 4);
  bench.runtime.arena.u32(scratch, bytes / 4).fill(0x7fc00001); // scratch owes nobody zeros
  return {
    T,
    K,
    stride,
    emissions: bench.f32(padded(scores.emissions, stride)),
    transitions: bench.f32(padded(scores.transitions, stride)),
    start: scores.start ? bench.f32(scores.start) : 0,
    end: scores.end ? bench.f32(scores.end) : 0,
    scratch,
  };
}

function logPartition(bench: Bench, p: Placed): number {
  return bench.kernels.crfLogPartition(p.emissions, p.transitions, p.start, p.end, p.T, p.K, p.stride, p.scratch);
}

function marginals(bench: Bench, p: Placed): { logZ: number; tags: Float32Array } {
  const out = bench.f32(new Float32Array(p.T * p.stride).fill(PAD));
  const logZ = bench.kernels.crfMarginals(out, p.emissions, p.transitions, p.start, p.end, p.T, p.K, p.stride, p.scratch);
  return { logZ, tags: bench.readF32(out, p.T * p.stride) };
}

function viterbi(bench: Bench, p: Placed): { score: number; path: number[] } {
  const out = bench.words(p.T);
  const score = bench.kernels.crfViterbi(out, p.emissions, p.transitions, p.start, p.end, p.T, p.K, p.stride, p.scratch);
  return { score, path: [...bench.readI32(out, p.T)] };
}

const PAD = 99;

interface Gradients {
  readonly loss: number;
  readonly dEmissions: Float32Array;
  readonly dTransitions: Float32Array;
  readonly dStart: Float32Array;
  readonly dEnd: Float32Array;
}

/** Runs the loss of several sentences into one set of transition, start and end gradients that begin at `initial`. */
function losses(bench: Bench, sentences: readonly { p: Placed; gold: readonly number[] }[], scale: number, initial = 0): Gradients {
  const { K, stride, start, end } = sentences[0]!.p;
  const dTransitions = bench.f32(Array.from({ length: K * stride }, (_, i) => (i % stride < K ? initial : PAD)));
  const dStart = bench.f32(new Array<number>(K).fill(initial));
  const dEnd = bench.f32(new Array<number>(K).fill(initial));
  let loss = 0;
  let dEmissions: Float32Array = new Float32Array();
  for (const { p, gold } of sentences) {
    const out = bench.f32(new Float32Array(p.T * stride).fill(PAD));
    loss += bench.kernels.crfLoss(
      out,
      dTransitions,
      start ? dStart : 0,
      end ? dEnd : 0,
      p.emissions,
      p.transitions,
      p.start,
      p.end,
      bench.i32(gold),
      p.T,
      K,
      stride,
      scale,
      p.scratch,
    );
    dEmissions = bench.readF32(out, p.T * stride);
  }
  return {
    loss,
    dEmissions,
    dTransitions: bench.readF32(dTransitions, K * stride),
    dStart: bench.readF32(dStart, K),
    dEnd: bench.readF32(dEnd, K),
  };
}

/** Columns below K of padded rows. */
function unpadded(values: Float32Array, K: number, stride: number): number[][] {
  return Array.from({ length: values.length / stride }, (_, t) => [...values.slice(t * stride, t * stride + K)]);
}

function largestDifference(found: readonly (readonly number[])[], expected: readonly (readonly number[])[]): number {
  expect(found.length).toBe(expected.length);
  return Math.max(0, ...found.flatMap((row, t) => row.map((x, j) => Math.abs(x - expected[t]![j]!))));
}

function relativeError(found: number, expected: number): number {
  return Math.abs(found - expected) / Math.max(1, Math.abs(expected));
}

/** Several hundred buffers a test would fill the arena: each case gives its memory back. */
function inTurn<T>(bench: Bench, body: () => T): T {
  const mark = bench.runtime.arena.mark();
  const result = body();
  bench.runtime.arena.release(mark);
  return result;
}

const SHAPES = [1, 2, 3, 4, 5].flatMap((K) => [1, 2, 3, 4, 5, 6].filter((T) => K ** T <= 4096).map((T) => ({ K, T })));

/** Kinds of scores: everyday, tiny, huge, on grids of halves and of integers (many equal paths), one huge term among small ones. */
const KINDS: readonly ((next: Draw) => Draw)[] = [
  (next) => () => 3 * next(),
  (next) => () => 0.01 * next(),
  (next) => () => 50 * next(),
  (next) => () => Math.round(2 * next()) / 2,
  (next) => () => Math.round(next()),
  (next) => () => (next() > 0.6 ? 50 * Math.sign(next()) : next()),
];

interface SmallCase {
  readonly scores: CrfScores;
  readonly gold: readonly number[];
}

function smallCases(count: number): SmallCase[] {
  const next = testNumbers(20);
  return Array.from({ length: count }, (_, n) => {
    const { K, T } = SHAPES[n % SHAPES.length]!;
    const round = Math.floor(n / SHAPES.length);
    const draw = KINDS[round % KINDS.length]!(next);
    const bounds = Math.floor(round / KINDS.length);
    return { scores: randomScores(draw, T, K, bounds % 2 === 0, bounds % 4 < 2), gold: randomTags(next, T, K) };
  });
}

test('log Z, marginals, gold score and Viterbi path agree with a list of all sequences on 3,000 random cases, bit-equal in every build', async () => {
  const cases = smallCases(3000);
  const results = [];
  for (const build of BUILDS) {
    const bench = await Bench.open(build);
    results.push(
      cases.map(({ scores, gold }) =>
        inTurn(bench, () => {
          const p = place(bench, scores, 4);
          const goldScore = bench.kernels.crfGoldScore(p.emissions, p.transitions, p.start, p.end, bench.i32(gold), p.T, p.stride);
          return { ...p, logPartition: logPartition(bench, p), goldScore, ...marginals(bench, p), ...viterbi(bench, p) };
        }),
      ),
    );
  }
  const [simd, threads, scalar] = results;
  expect(threads).toEqual(simd);
  expect(scalar).toEqual(simd);

  let tied = 0;
  cases.forEach(({ scores, gold }, n) => {
    const found = simd![n]!;
    const expected = crfEnumerate(scores);
    if (expected.ties > 1) tied++;
    expect(relativeError(found.logZ, expected.logZ), `log Z of case ${n}`).toBeLessThanOrEqual(1e-6);
    expect(found.logPartition).toBe(found.logZ);
    // + 0: a score of nothing may be -0 in the one and +0 in the other.
    expect(found.goldScore + 0).toBe(crfScore(scores, gold) + 0);
    expect(largestDifference(unpadded(found.tags, found.K, found.stride), expected.tags), `marginals of case ${n}`).toBeLessThanOrEqual(
      4e-6,
    );
    expect(found.path, `path of case ${n}`).toEqual(expected.path);
    expect(found.score + 0).toBe(expected.score + 0);
  });
  expect(tied).toBeGreaterThan(300);
});

test('loss and gradients agree with expected minus gold counts on random cases, bit-equal in every build', async () => {
  const cases = smallCases(900);
  const scale = -0.25;
  const results: Gradients[][] = [];
  for (const build of BUILDS) {
    const bench = await Bench.open(build);
    results.push(cases.map(({ scores, gold }) => inTurn(bench, () => losses(bench, [{ p: place(bench, scores), gold }], scale))));
  }
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
  cases.forEach(({ scores, gold }, n) => {
    const found = results[0]![n]!;
    const expected = oracleLoss(scores, gold);
    const K = scores.transitions.length;
    const stride = roundUp(K, 4);
    const scaled = (rows: readonly (readonly number[])[]): number[][] => rows.map((row) => row.map((x) => scale * x));
    expect(relativeError(found.loss, expected.loss), `loss of case ${n}`).toBeLessThanOrEqual(1e-5);
    expect(largestDifference(unpadded(found.dEmissions, K, stride), scaled(expected.dEmissions))).toBeLessThanOrEqual(2e-6);
    expect(largestDifference(unpadded(found.dTransitions, K, stride), scaled(expected.dTransitions))).toBeLessThanOrEqual(4e-6);
    const none = new Array<number>(K).fill(0);
    expect(largestDifference([[...found.dStart]], scaled([scores.start ? expected.dStart : none]))).toBeLessThanOrEqual(2e-6);
    expect(largestDifference([[...found.dEnd]], scaled([scores.end ? expected.dEnd : none]))).toBeLessThanOrEqual(2e-6);
  });
});

test('every gradient matches central differences of the f64 loss', async () => {
  const next = testNumbers(31);
  const scores = randomScores(() => 2 * next(), 5, 4, true);
  const gold = randomTags(next, 5, 4);
  const [found] = await onEveryBuild((bench) => losses(bench, [{ p: place(bench, scores), gold }], 1));
  const h = 1e-5;
  const loss = (changed: CrfScores): number => oracleLogPartition(changed) - crfScore(changed, gold);
  const slope = (change: (step: number) => CrfScores): number => (loss(change(h)) - loss(change(-h))) / (2 * h);
  const bump = (rows: readonly (readonly number[])[], t: number, j: number, step: number): number[][] =>
    rows.map((row, at) => (at === t ? row.with(j, row[j]! + step) : [...row]));
  for (let j = 0; j < 4; j++) {
    for (let t = 0; t < 5; t++) {
      const expected = slope((step) => ({ ...scores, emissions: bump(scores.emissions, t, j, step) }));
      expect(found!.dEmissions[t * 4 + j]!).toBeCloseTo(expected, 6);
    }
    for (let i = 0; i < 4; i++) {
      const expected = slope((step) => ({ ...scores, transitions: bump(scores.transitions, i, j, step) }));
      expect(found!.dTransitions[i * 4 + j]!).toBeCloseTo(expected, 6);
    }
    const start = slope((step) => ({ ...scores, start: scores.start!.with(j, scores.start![j]! + step) }));
    const end = slope((step) => ({ ...scores, end: scores.end!.with(j, scores.end![j]! + step) }));
    expect(found!.dStart[j]!).toBeCloseTo(start, 6);
    expect(found!.dEnd[j]!).toBeCloseTo(end, 6);
  }
});

test('sentences add up in the shared gradients, on top of what is there, and padding columns stay as they were', async () => {
  const next = testNumbers(32);
  const K = 7;
  const first = randomScores(() => 2 * next(), 6, K, true);
  const second = { ...first, emissions: randomScores(() => 2 * next(), 9, K, false).emissions };
  const golds = [randomTags(next, 6, K), randomTags(next, 9, K)];
  const expected = [first, second].map((scores, s) => oracleLoss(scores, golds[s]!));
  const runs = await onEveryBuild((bench) =>
    losses(
      bench,
      [first, second].map((scores, s) => ({ p: place(bench, scores), gold: golds[s]! })),
      0.5,
      3,
    ),
  );
  for (const found of runs) {
    expect(found).toEqual(runs[0]);
    expect(found.loss).toBeCloseTo(expected[0]!.loss + expected[1]!.loss, 4);
    const sum = (pick: (one: (typeof expected)[number]) => number): number => 3 + 0.5 * (pick(expected[0]!) + pick(expected[1]!));
    for (let j = 0; j < K; j++) {
      expect(found.dStart[j]!).toBeCloseTo(
        sum((one) => one.dStart[j]!),
        5,
      );
      expect(found.dEnd[j]!).toBeCloseTo(
        sum((one) => one.dEnd[j]!),
        5,
      );
      for (let i = 0; i < K; i++)
        expect(found.dTransitions[i * 8 + j]!).toBeCloseTo(
          sum((one) => one.dTransitions[i]![j]!),
          5,
        );
    }
    for (let i = 0; i < K; i++) expect(found.dTransitions[i * 8 + K]).toBe(PAD);
    for (let t = 0; t < 9; t++) expect(found.dEmissions[t * 8 + K]).toBe(PAD);
  }
});

test('marginals and gradients may overwrite the emissions', async () => {
  const next = testNumbers(33);
  // 60 times: some tokens take their pair marginals term by term, from the emissions of their own row.
  for (const size of [2, 60]) {
    const scores = randomScores(() => size * next(), 12, 6, true);
    const gold = randomTags(next, 12, 6);
    await onEveryBuild((bench) => {
      const p = place(bench, scores);
      const apart = marginals(bench, p).tags;
      const apartLoss = losses(bench, [{ p, gold }], 1);
      const again = { ...p, emissions: bench.f32(padded(scores.emissions, p.stride)) };
      bench.kernels.crfMarginals(again.emissions, again.emissions, p.transitions, p.start, p.end, p.T, p.K, p.stride, p.scratch);
      expect(unpadded(bench.readF32(again.emissions, apart.length), p.K, p.stride)).toEqual(unpadded(apart, p.K, p.stride));
      const e = bench.f32(padded(scores.emissions, p.stride));
      const dTransitions = bench.words(p.K * p.stride);
      const [dStart, dEnd] = [bench.words(p.K), bench.words(p.K)];
      bench.kernels.crfLoss(
        e,
        dTransitions,
        dStart,
        dEnd,
        e,
        p.transitions,
        p.start,
        p.end,
        bench.i32(gold),
        p.T,
        p.K,
        p.stride,
        1,
        p.scratch,
      );
      expect(unpadded(bench.readF32(e, apart.length), p.K, p.stride)).toEqual(unpadded(apartLoss.dEmissions, p.K, p.stride));
      expect(unpadded(bench.readF32(dTransitions, p.K * p.stride), p.K, p.stride)).toEqual(unpadded(apartLoss.dTransitions, p.K, p.stride));
    });
  }
});

/** Sentences in which products of exponentials vanish: forbidden pairs, clashing evidence, huge spreads. */
function hardScores(): CrfScores[] {
  const next = testNumbers(34);
  const forbid = (scores: CrfScores, score: number): CrfScores => ({
    ...scores,
    transitions: scores.transitions.map((row, i) => row.map((x, j) => ((i * 5 + j * 3) % 4 === 0 ? score : x))),
  });
  const plain = (T: number, K: number, size: number): CrfScores => randomScores(() => size * next(), T, K, true);
  const chained: CrfScores = {
    // Each tag can only follow itself, and the evidence changes its mind half way.
    emissions: Array.from({ length: 8 }, (_, t) => [t < 4 ? 90 : 0, t < 4 ? 0 : 90, -20]),
    transitions: [
      [0, -100, -100],
      [-100, 0, -100],
      [-100, -100, 0],
    ],
  };
  return [
    plain(30, 9, 100),
    plain(30, 22, 400),
    forbid(plain(40, 9, 3), -10000),
    forbid(plain(40, 9, 30), -10000),
    forbid(plain(12, 5, 1), -3e38),
    { ...plain(20, 9, 10), transitions: plain(20, 9, 100).transitions },
    chained,
  ];
}

test('scores that differ by hundreds keep log Z, marginals and gradients', async () => {
  const next = testNumbers(35);
  for (const [n, scores] of hardScores().entries()) {
    const gold = randomTags(next, scores.emissions.length, scores.transitions.length);
    const expected = oracleLoss(scores, gold);
    const logZ = oracleLogPartition(scores);
    const tags = oracleMarginals(scores);
    const runs = await onEveryBuild((bench) => {
      const p = place(bench, scores);
      return { ...p, logPartition: logPartition(bench, p), ...marginals(bench, p), gradients: losses(bench, [{ p, gold }], 1) };
    });
    for (const found of runs) {
      expect(found).toEqual(runs[0]);
      expect(relativeError(found.logZ, logZ), `log Z of sentence ${n}`).toBeLessThanOrEqual(1e-6);
      expect(found.logPartition).toBe(found.logZ);
      expect(largestDifference(unpadded(found.tags, found.K, found.stride), tags), `marginals of sentence ${n}`).toBeLessThanOrEqual(5e-6);
      expect(largestDifference(unpadded(found.gradients.dTransitions, found.K, found.stride), expected.dTransitions)).toBeLessThanOrEqual(
        2e-5,
      );
    }
  }
});

test('a sentence of 5,000 tokens keeps log Z and marginals that sum to 1', async () => {
  const next = testNumbers(36);
  for (const { K, size } of [
    { K: 9, size: 3 },
    { K: 5, size: 0.05 },
    { K: 18, size: 20 },
  ]) {
    const scores = randomScores(() => size * next(), 5000, K, true);
    const logZ = oracleLogPartition(scores);
    const tags = oracleMarginals(scores);
    const runs = await onEveryBuild((bench) => {
      const p = place(bench, scores);
      return { ...p, ...marginals(bench, p), ...viterbi(bench, p) };
    });
    const first = runs[0]!;
    for (const found of runs) {
      // As bytes: comparing long typed arrays element by element takes seconds.
      expect(Buffer.compare(Buffer.from(found.tags.buffer), Buffer.from(first.tags.buffer))).toBe(0);
      expect(found.logZ).toBe(first.logZ);
      expect(found.path).toEqual(first.path);
    }
    expect(Math.abs(first.logZ - logZ) / Math.abs(logZ)).toBeLessThanOrEqual(1e-6);
    const rows = unpadded(first.tags, K, first.stride);
    expect(Math.max(...rows.map((row) => Math.abs(row.reduce((sum, x) => sum + x, 0) - 1)))).toBeLessThanOrEqual(1e-5);
    expect(largestDifference(rows, tags)).toBeLessThanOrEqual(1e-5);
    expect(relativeError(first.score, crfScore(scores, first.path))).toBeLessThanOrEqual(1e-12);
  }
});

test('many tags in rows of any width give the same bits in every build', async () => {
  const next = testNumbers(37);
  for (const K of [8, 13, 16, 17, 33, 50]) {
    const scores = randomScores(() => 4 * next(), 11, K, K % 2 === 1);
    const gold = randomTags(next, 11, K);
    const runs = await onEveryBuild((bench) => {
      const p = place(bench, scores, K % 3 === 0 ? 8 : 0);
      return { ...p, ...marginals(bench, p), ...viterbi(bench, p), gradients: losses(bench, [{ p, gold }], 0.1) };
    });
    const logZ = oracleLogPartition(scores);
    const tags = oracleMarginals(scores);
    for (const found of runs) {
      expect(found).toEqual(runs[0]);
      expect(relativeError(found.logZ, logZ)).toBeLessThanOrEqual(1e-6);
      expect(largestDifference(unpadded(found.tags, K, found.stride), tags)).toBeLessThanOrEqual(4e-6);
    }
  }
});

test('one token is a softmax of its scores, and one tag leaves nothing to choose', async () => {
  const token: CrfScores = {
    emissions: [[1, 2, 3]],
    transitions: [
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ],
    start: [1, 0, 0],
    end: [0, 0, 1],
  };
  const tag: CrfScores = { emissions: [[2], [3], [4]], transitions: [[0.5]] };
  await onEveryBuild((bench) => {
    const p = place(bench, token);
    const { logZ, tags } = marginals(bench, p);
    const z = Math.exp(2) + Math.exp(2) + Math.exp(4);
    expect(logZ).toBeCloseTo(Math.log(z), 6);
    expect(tags[2]).toBeCloseTo(Math.exp(4) / z, 6);
    expect(viterbi(bench, p)).toEqual({ score: 4, path: [2] });

    const q = place(bench, tag);
    expect(logPartition(bench, q)).toBe(10);
    const { loss, dEmissions, dTransitions } = losses(bench, [{ p: q, gold: [0, 0, 0] }], 1);
    expect(loss).toBe(0);
    expect([dEmissions[0], dEmissions[4], dEmissions[8], dTransitions[0]]).toEqual([0, 0, 0, 0]);
    expect(viterbi(bench, q)).toEqual({ score: 10, path: [0, 0, 0] });
  });
});

test('equal paths are settled for the lower tag, from the last token back', async () => {
  const level: CrfScores = {
    emissions: [
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ],
    transitions: [
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ],
  };
  // Two best paths, 0 1 and 1 0: the lower last tag wins, though its first tag is higher.
  const crossed: CrfScores = {
    emissions: [
      [0, 0],
      [0, 0],
    ],
    transitions: [
      [-1, 0],
      [0, -1],
    ],
  };
  await onEveryBuild((bench) => {
    expect(viterbi(bench, place(bench, level)).path).toEqual([0, 0, 0]);
    expect(viterbi(bench, place(bench, crossed)).path).toEqual([1, 0]);
  });
});

test('a score that is not a number reaches the loss', async () => {
  const scores: CrfScores = {
    emissions: [
      [0, 1],
      [Number.NaN, 1],
      [0, 1],
    ],
    transitions: [
      [0, 0],
      [0, 0],
    ],
  };
  const losing = await onEveryBuild((bench) => losses(bench, [{ p: place(bench, scores), gold: [0, 1, 0] }], 1).loss);
  expect(losing).toEqual([Number.NaN, Number.NaN, Number.NaN]);
});
