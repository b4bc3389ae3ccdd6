import { SQUARES_BLOCK } from '../../runtime/layout.js';
import type { KernelName } from '../../runtime/work.js';
import type { Probe } from '../probe.js';

const KEY = [0xdeadbeef, 5] as const;
const COUNT = 601;

function philox4x32(probe: Probe): void {
  probe.run('philox4x32', [probe.zeros(4), ...KEY, 1, 2, 3, 0xffffffff]);
}

function randomWords(probe: Probe): void {
  probe.run('randomWords', [probe.zeros(13), 13, ...KEY, 1, 2, 3]);
}

function fillUniform(probe: Probe): void {
  probe.run('fillUniform', [probe.zeros(COUNT), COUNT, -0.3, 0.7, ...KEY, 9]);
}

function fillNormal(probe: Probe): void {
  probe.run('fillNormal', [probe.zeros(COUNT), COUNT, 0.3, ...KEY, 9]);
}

function dropout(probe: Probe): void {
  const [features, positions, stride] = [6, 12, 16];
  const keys = [probe.integers(positions, 0, 40), probe.integers(positions, 0, 8)] as const;
  const [y, x] = [probe.numbers(features * stride), probe.numbers(features * stride)];
  probe.run('dropout', [y, x, stride, features, positions, ...keys, ...KEY, 3, 0xfffffffe, 0.3]);
}

function sumOfSquares(probe: Probe): void {
  for (const mask of [0, probe.mask(COUNT, 40)]) probe.result(probe.kernels.sumOfSquares(probe.numbers(COUNT, 100), mask, COUNT));
}

function sumOfSquaresBlocks(probe: Probe): void {
  const blocks = Math.ceil(COUNT / SQUARES_BLOCK);
  const [sums, values, mask] = [probe.zeros(2 * blocks), probe.numbers(COUNT, 100), probe.mask(COUNT, 40)];
  probe.run('sumOfSquaresBlocks', [sums, values, mask, COUNT, 0, 1], [sums, values, mask, COUNT, 1, blocks]);
}

function sumOfSquaresRows(probe: Probe): void {
  probe.result(probe.kernels.sumOfSquaresRows(probe.numbers(7 * 30), 30, 7, 0.1));
}

function sumGathered(probe: Probe): void {
  probe.result(probe.kernels.sumGathered(probe.numbers(50, 100), probe.integers(40, 0, 49), 40));
}

function firstNonFinite(probe: Probe): void {
  const values = Array.from({ length: COUNT }, (_, i) => i);
  for (const place of [0, 600]) {
    for (const planted of [1, Number.POSITIVE_INFINITY])
      probe.result(probe.kernels.firstNonFinite(probe.f32(values.with(place, planted)), COUNT));
  }
}

/** A function of one number: over its range, and where it is steep, vanishes or ends. */
function map(kernel: KernelName, scale: number, extra: readonly number[], isPositive = false): (probe: Probe) => void {
  return (probe) => {
    const spread = Array.from({ length: COUNT }, (_, i) => scale * ((2 * i) / (COUNT - 1) - 1));
    const values = [...spread, 0, -0, 1e-3, 1e-20, 1e-40, 1, ...extra].map((value) => (isPositive ? Math.abs(value) || 1 : value));
    probe.run(kernel, [probe.zeros(values.length), probe.f32(values), values.length]);
  };
}

export const NUMBERS = {
  philox4x32,
  randomWords,
  fillUniform,
  fillNormal,
  dropout,
  sumOfSquares,
  sumOfSquaresBlocks,
  sumOfSquaresRows,
  sumGathered,
  firstNonFinite,
  mapExp: map('mapExp', 12, [88.7, 89, -87.3, -87.4, -104, -1e30]),
  mapTanh: map('mapTanh', 10, [-1e-3, -1e-40, 1e30, -1e30]),
  mapSigmoid: map('mapSigmoid', 20, [-87.3, -87.4, -104, 1e30, -1e30]),
  mapLog1p: map('mapLog1p', 0.999, [10, 1e10, 3e38, -0.9999999]),
  mapLog: map('mapLog', 10, [1e10, 3e38, 1.1754943508222875e-38], true),
};
