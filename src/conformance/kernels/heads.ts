import { roundUp } from '../../runtime/layout.js';
import type { Probe } from '../probe.js';

const POSITIONS = 24;
const STRIDE = 28;
const TAGS = [1, 3, 9, 17];

/** Emissions whose exponentials stay apart, and some that vanish. */
const SPREADS = [1, 60];

function eachEmissions(probe: Probe, body: (emissions: number, K: number) => void): void {
  for (const K of TAGS) for (const spread of SPREADS) body(probe.numbers(K * STRIDE, spread), K);
}

function softmaxCrossEntropy(probe: Probe): void {
  eachEmissions(probe, (emissions, K) => {
    const tags = probe.integers(POSITIONS, -1, K - 1);
    probe.run('softmaxCrossEntropy', [probe.zeros(K * STRIDE), probe.zeros(POSITIONS), emissions, STRIDE, tags, K, POSITIONS, 0.125]);
  });
}

function softmax(probe: Probe): void {
  eachEmissions(probe, (emissions, K) => probe.run('softmax', [probe.zeros(K * STRIDE), emissions, STRIDE, K, POSITIONS]));
}

function argmax(probe: Probe): void {
  eachEmissions(probe, (emissions, K) => probe.run('argmax', [probe.zeros(POSITIONS), emissions, STRIDE, K, POSITIONS]));
}

/** The scores of one sentence; `rest` are the arguments that end the list of most kernels. */
interface Chain {
  readonly K: number;
  readonly T: number;
  readonly stride: number;
  /** Emissions, transitions, start and end. */
  readonly scores: readonly [number, number, number, number];
  readonly tags: number;
  readonly scratch: number;
}

function eachChain(probe: Probe, body: (chain: Chain) => void): void {
  for (const [K, T, spread, isBounded] of [
    [1, 3, 1, 0],
    [3, 1, 3, 1],
    [5, 12, 3, 1],
    [9, 30, 40, 0],
    [17, 11, 100, 1],
  ] as const) {
    const stride = roundUp(K, 4);
    const [emissions, transitions] = [probe.numbers(T * stride, spread), probe.numbers(K * stride, spread)];
    const scores = [emissions, transitions, isBounded && probe.numbers(K), isBounded && probe.numbers(K)] as const;
    const scratch = probe.scratch(probe.kernels.crfScratchBytes(T, K));
    body({ K, T, stride, scores, tags: probe.integers(T, 0, K - 1), scratch });
  }
}

function crfLoss(probe: Probe): void {
  eachChain(probe, ({ K, T, stride, scores, tags, scratch }) => {
    const gradients = [probe.zeros(T * stride), probe.numbers(K * stride)] as const;
    const [start, end] = scores.slice(2).map((pointer) => pointer && probe.numbers(K)) as [number, number];
    probe.result(probe.kernels.crfLoss(...gradients, start, end, ...scores, tags, T, K, stride, 0.25, scratch));
  });
}

function crfMarginals(probe: Probe): void {
  eachChain(probe, ({ K, T, stride, scores, scratch }) =>
    probe.result(probe.kernels.crfMarginals(probe.zeros(T * stride), ...scores, T, K, stride, scratch)),
  );
}

function crfLogPartition(probe: Probe): void {
  eachChain(probe, ({ K, T, stride, scores, scratch }) => probe.result(probe.kernels.crfLogPartition(...scores, T, K, stride, scratch)));
}

function crfGoldScore(probe: Probe): void {
  eachChain(probe, ({ T, stride, scores, tags }) => probe.result(probe.kernels.crfGoldScore(...scores, tags, T, stride)));
}

function crfViterbi(probe: Probe): void {
  eachChain(probe, ({ K, T, stride, scores, scratch }) =>
    probe.result(probe.kernels.crfViterbi(probe.zeros(T), ...scores, T, K, stride, scratch)),
  );
}

export const HEADS = { softmaxCrossEntropy, softmax, argmax, crfLoss, crfMarginals, crfLogPartition, crfGoldScore, crfViterbi };
