import { beforeAll, describe, expect, test } from 'vitest';
import type { KernelExports } from '../../src/runtime/kernel-exports.js';
import { Bench } from './harness.js';
import { bits } from './matrices.js';

type MapKernel = 'mapExp' | 'mapTanh' | 'mapSigmoid' | 'mapLog1p' | 'mapLog';

interface Case {
  readonly kernel: MapKernel;
  readonly exact: (x: number) => number;
  /** Whether +0 stands for results that would be denormal. */
  readonly flushes: boolean;
  /** The largest error in ulp over all f32 (npm run measure:math), rounded up. */
  readonly bound: number;
}

const CASES: readonly Case[] = [
  { kernel: 'mapExp', exact: Math.exp, flushes: true, bound: 1 },
  { kernel: 'mapTanh', exact: Math.tanh, flushes: false, bound: 1.7 },
  { kernel: 'mapSigmoid', exact: (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))), flushes: true, bound: 1.92 },
  { kernel: 'mapLog1p', exact: Math.log1p, flushes: false, bound: 1.44 },
  { kernel: 'mapLog', exact: Math.log, flushes: false, bound: 0.87 },
];

const NORMAL_LEAST = 2 ** -126;
const LARGEST = (2 - 2 ** -23) * 2 ** 127;
/** A prime, so that low and high bits of the inputs both vary. */
const STRIDE = 4099;

let simd: Bench;
let scalar: Bench;

beforeAll(async () => {
  simd = await Bench.open('simd');
  scalar = await Bench.open('scalar');
});

function run(bench: Bench, kernel: MapKernel, inputs: Float32Array): Float32Array {
  const x = bench.f32(inputs);
  const y = bench.words(inputs.length);
  const map: KernelExports[MapKernel] = bench.kernels[kernel];
  map(y, x, inputs.length);
  return bench.readF32(y, inputs.length);
}

/** Distance of neighbouring f32 around `value`. */
function spacing(value: number): number {
  const size = Math.max(Math.abs(value), NORMAL_LEAST);
  let exponent = Math.floor(Math.log2(size));
  if (2 ** exponent > size) exponent -= 1;
  return 2 ** (exponent - 23);
}

/** In ulp; Infinity for a result wrong in kind: NaN, infinity, sign of zero, or not flushed. */
function errorOf(y: number, exact: number, flushes: boolean): number {
  if (Number.isNaN(exact)) return Number.isNaN(y) ? 0 : Number.POSITIVE_INFINITY;
  const expected = flushes && exact < NORMAL_LEAST ? 0 : Math.fround(exact);
  if (expected === 0 || !Number.isFinite(expected)) return Object.is(y, expected) ? 0 : Number.POSITIVE_INFINITY;
  return Number.isFinite(y) ? Math.abs(y - exact) / spacing(exact) : Number.POSITIVE_INFINITY;
}

/** Every STRIDE-th f32, then 4,096 neighbours around each point where a function changes its ways. */
function sampleOfAll(): Float32Array {
  const count = Math.floor(2 ** 32 / STRIDE);
  const around = [0, 1, -1, 0.17, 0.255, 0.5, Math.SQRT1_2, Math.SQRT2, 9.02, 16.64, 88, 88.72284, -87.33654, NORMAL_LEAST, LARGEST];
  const words = new Uint32Array(count + 4096 * around.length);
  for (let i = 0; i < count; i++) words[i] = i * STRIDE;
  around.forEach((x, k) => {
    const middle = bits(Float32Array.of(x))[0]!;
    for (let i = 0; i < 4096; i++) words[count + 4096 * k + i] = middle + i - 2048;
  });
  return new Float32Array(words.buffer);
}

describe.each(CASES)('$kernel', ({ kernel, exact, flushes, bound }) => {
  test('stays within its error over a sample of all f32, and gives the same bits in lanes and alone', () => {
    const inputs = sampleOfAll();
    const outputs = run(simd, kernel, inputs);
    const twin = run(scalar, kernel, inputs);
    let worst = { error: -1, x: 0, y: 0 };
    let differing = -1;
    const [outputBits, twinBits] = [bits(outputs), bits(twin)];
    for (let i = 0; i < inputs.length; i++) {
      const [x, y] = [inputs[i]!, outputs[i]!];
      const error = errorOf(y, exact(x), flushes);
      if (error > worst.error) worst = { error, x, y };
      if (outputBits[i] !== twinBits[i] && !(Number.isNaN(y) && Number.isNaN(twin[i]!))) differing = i;
    }
    expect(worst.error, `f(${worst.x}) = ${worst.y}`).toBeLessThanOrEqual(bound);
    expect(worst.error).toBeGreaterThan(bound / 2); // the sample does reach the hard inputs
    expect(differing < 0 ? 'none' : inputs[differing]).toBe('none');
  });

  test('gives the same bits whatever the lane, the length and what surrounds it', async () => {
    const inputs = Float32Array.of(0.3, -0.7, 2.5, -0, 40, -40, 1e-20, 0.999, 3, -2, 0.01);
    for (const build of [simd, scalar, await Bench.open('threads')]) {
      const alone = [...inputs].map((x) => run(build, kernel, Float32Array.of(x))[0]);
      for (let n = 0; n <= inputs.length; n++) expect([...run(build, kernel, inputs.slice(0, n))]).toEqual(alone.slice(0, n));
      build.checkCanaries();
    }
  });

  test('may write over its input', () => {
    const inputs = Float32Array.of(0.25, 1, 2, 3, 4);
    for (const bench of [simd, scalar]) {
      const x = bench.f32(inputs);
      bench.kernels[kernel](x, x, inputs.length);
      expect(bits(bench.readF32(x, inputs.length))).toEqual(bits(run(bench, kernel, inputs)));
    }
  });
});

const INF = Number.POSITIVE_INFINITY;
const DENORMAL = 2 ** -149;

test.each<[MapKernel, number, number]>([
  ['mapExp', 0, 1],
  ['mapExp', -0, 1],
  ['mapExp', DENORMAL, 1],
  ['mapExp', INF, INF],
  ['mapExp', -INF, 0],
  ['mapExp', Number.NaN, Number.NaN],
  ['mapExp', 88.72283935546875, INF],
  ['mapExp', -87.3365478515625, 0],
  ['mapTanh', 0, 0],
  ['mapTanh', -0, -0],
  ['mapTanh', DENORMAL, DENORMAL],
  ['mapTanh', -1e-30, -1e-30],
  ['mapTanh', 0.00009, 0.00009],
  ['mapTanh', 20, 1],
  ['mapTanh', INF, 1],
  ['mapTanh', -INF, -1],
  ['mapTanh', LARGEST, 1],
  ['mapTanh', Number.NaN, Number.NaN],
  ['mapSigmoid', 0, 0.5],
  ['mapSigmoid', -0, 0.5],
  ['mapSigmoid', INF, 1],
  ['mapSigmoid', -INF, 0],
  ['mapSigmoid', LARGEST, 1],
  ['mapSigmoid', -LARGEST, 0],
  ['mapSigmoid', -87.3365478515625, 0],
  ['mapSigmoid', Number.NaN, Number.NaN],
  ['mapLog1p', 0, 0],
  ['mapLog1p', -0, -0],
  ['mapLog1p', DENORMAL, DENORMAL],
  ['mapLog1p', -1e-30, -1e-30],
  ['mapLog1p', -1, -INF],
  ['mapLog1p', -1.0000001192092896, Number.NaN],
  ['mapLog1p', -INF, Number.NaN],
  ['mapLog1p', INF, INF],
  ['mapLog1p', LARGEST, 88.72284],
  ['mapLog1p', Number.NaN, Number.NaN],
  ['mapLog', 1, 0],
  ['mapLog', 0, -INF],
  ['mapLog', -0, -INF],
  ['mapLog', DENORMAL, -103.27893],
  ['mapLog', -DENORMAL, Number.NaN],
  ['mapLog', -INF, Number.NaN],
  ['mapLog', INF, INF],
  ['mapLog', LARGEST, 88.72284],
  ['mapLog', Number.NaN, Number.NaN],
])('%s of %d is %d, in every lane and alone', (kernel, x, expected) => {
  for (const bench of [simd, scalar]) {
    const outputs = run(bench, kernel, new Float32Array(5).fill(x));
    for (const y of outputs) expect(y).toBe(Math.fround(expected));
  }
});

test('exp is normal and finite at the last inputs whose exponentials are', () => {
  for (const bench of [simd, scalar]) {
    const [least, largest] = run(bench, 'mapExp', Float32Array.of(-87.33654022216797, 88.7228317260742));
    expect(least).toBeGreaterThanOrEqual(NORMAL_LEAST);
    expect(largest).toBeGreaterThan(3.4027e38);
    expect(largest).toBeLessThanOrEqual(LARGEST);
  }
});

test('tanh is odd to the bit', () => {
  const inputs = sampleOfAll().filter((x) => x >= 0);
  const positive = bits(run(simd, 'mapTanh', inputs));
  const negative = bits(
    run(
      simd,
      'mapTanh',
      inputs.map((x) => -x),
    ),
  );
  expect(positive.findIndex((word, i) => (word ^ negative[i]!) >>> 0 !== 0x80000000)).toBe(-1);
});
