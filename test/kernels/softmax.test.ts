import { expect, test } from 'vitest';
import { argmax, crossEntropy, softmax } from '../oracle/softmax.js';
import { type Bench, onEveryBuild, testNumbers } from './harness.js';

interface Case {
  readonly K: number;
  readonly positions: number;
  readonly stride: number;
  readonly emissions: Float32Array;
  readonly tags: Int32Array;
}

/** Random emissions [K][stride]; columns beyond `positions` are NaN, and so are the padding positions (tag -1). */
function randomCase(seed: number, K: number, positions: number, spread: number): Case {
  const next = testNumbers(seed);
  const stride = positions + 4;
  const tags = Int32Array.from({ length: positions }, () => (next() < -0.6 ? -1 : Math.floor(((next() + 1) / 2) * K)));
  const emissions = Float32Array.from({ length: K * stride }, (_, i) => ((tags[i % stride] ?? -1) < 0 ? Number.NaN : next() * spread));
  return { K, positions, stride, emissions, tags };
}

function column({ K, stride, emissions }: Case, p: number): number[] {
  return Array.from({ length: K }, (_, k) => emissions[k * stride + p]!);
}

/** The bits: NaN and -0 count. */
function bits(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

function runLoss(bench: Bench, one: Case, scale: number): { loss: Float32Array; gradient: Float32Array } {
  const lossPtr = bench.words(one.positions);
  const dPtr = bench.words(one.emissions.length);
  bench.kernels.softmaxCrossEntropy(dPtr, lossPtr, bench.f32(one.emissions), one.stride, bench.i32(one.tags), one.K, one.positions, scale);
  return { loss: bench.readF32(lossPtr, one.positions), gradient: bench.readF32(dPtr, one.emissions.length) };
}

const CASES = [1, 2, 3, 9, 17, 50].flatMap((K) => [0.5, 8, 120].map((spread) => randomCase(K * 1000 + spread, K, 24, spread)));

test('cross-entropy and its gradient agree with the f64 oracle and are bit-equal in every build', async () => {
  const scale = 0.125;
  for (const one of CASES) {
    const [simd, ...others] = await onEveryBuild((bench) => runLoss(bench, one, scale));
    for (const other of others) {
      expect(bits(other.loss)).toEqual(bits(simd!.loss));
      expect(bits(other.gradient)).toEqual(bits(simd!.gradient));
    }
    for (let p = 0; p < one.positions; p++) {
      if (one.tags[p]! < 0) continue;
      const { loss, gradient } = crossEntropy(column(one, p), one.tags[p]!);
      expect(Math.abs(simd!.loss[p]! - loss)).toBeLessThanOrEqual(1e-6 * Math.max(1, loss));
      expect(simd!.loss[p]!).toBeGreaterThanOrEqual(0);
      for (let k = 0; k < one.K; k++)
        expect(Math.abs(simd!.gradient[k * one.stride + p]! - scale * gradient[k]!)).toBeLessThanOrEqual(2e-7);
    }
  }
});

test('padding has loss and gradient +0 to the bit, even where its emissions are not numbers', async () => {
  for (const one of CASES) {
    for (const { loss, gradient } of await onEveryBuild((bench) => runLoss(bench, one, -1))) {
      for (let p = 0; p < one.positions; p++) {
        if (one.tags[p]! >= 0) continue;
        expect(bits(loss)[p]).toBe(0);
        for (let k = 0; k < one.K; k++) expect(bits(gradient)[k * one.stride + p]).toBe(0);
      }
    }
  }
});

test('the gradient matches central differences of the oracle loss', async () => {
  const one = randomCase(5, 6, 8, 3);
  const [{ gradient } = { gradient: new Float32Array() }] = await onEveryBuild((bench) => runLoss(bench, one, 1));
  const h = 1e-5;
  for (let p = 0; p < one.positions; p++) {
    if (one.tags[p]! < 0) continue;
    const x = column(one, p);
    for (let k = 0; k < one.K; k++) {
      const [up, down] = [h, -h].map((step) => crossEntropy(x.with(k, x[k]! + step), one.tags[p]!).loss);
      expect(gradient[k * one.stride + p]!).toBeCloseTo((up! - down!) / (2 * h), 6);
    }
  }
});

test('the gradient may overwrite the emissions', async () => {
  const one = randomCase(6, 7, 16, 4);
  const apart = await onEveryBuild((bench) => runLoss(bench, one, 0.5));
  const inPlace = await onEveryBuild((bench) => {
    const lossPtr = bench.words(one.positions);
    const ePtr = bench.f32(one.emissions);
    bench.kernels.softmaxCrossEntropy(ePtr, lossPtr, ePtr, one.stride, bench.i32(one.tags), one.K, one.positions, 0.5);
    return { loss: bench.readF32(lossPtr, one.positions), gradient: bench.readF32(ePtr, one.emissions.length) };
  });
  inPlace.forEach((found, i) => {
    expect(bits(found.loss)).toEqual(bits(apart[i]!.loss));
    for (let k = 0; k < one.K; k++) {
      const row = [k * one.stride, k * one.stride + one.positions] as const;
      expect(bits(found.gradient).slice(...row)).toEqual(bits(apart[i]!.gradient).slice(...row));
    }
  });
});

test('a tag sure of itself has loss 0, one far off has the distance, without overflow', async () => {
  const one: Case = {
    K: 3,
    positions: 4,
    stride: 4,
    emissions: Float32Array.of(300, -300, 0, 0, 0, 0, 300, 0, -300, 300, -300, 0),
    tags: Int32Array.of(0, 0, 0, 1),
  };
  for (const { loss, gradient } of await onEveryBuild((bench) => runLoss(bench, one, 1))) {
    expect([...loss.slice(0, 3)]).toEqual([0, 600, 300]);
    expect(loss[3]).toBeCloseTo(Math.log(3), 6);
    expect(gradient.every(Number.isFinite)).toBe(true);
  }
});

test('probabilities agree with the oracle and sum to 1, in place too', async () => {
  for (const full of CASES) {
    const one = { ...full, emissions: full.emissions.map((x) => (Number.isNaN(x) ? 1 : x)) };
    const [simd, ...others] = await onEveryBuild((bench) => {
      const pPtr = bench.words(one.emissions.length);
      const ePtr = bench.f32(one.emissions);
      bench.kernels.softmax(pPtr, ePtr, one.stride, one.K, one.positions);
      const apart = bench.readF32(pPtr, one.emissions.length);
      bench.kernels.softmax(ePtr, ePtr, one.stride, one.K, one.positions);
      const inPlace = bench.readF32(ePtr, one.emissions.length);
      for (let i = 0; i < apart.length; i++) if (i % one.stride < one.positions) expect(inPlace[i]).toBe(apart[i]);
      return apart;
    });
    for (const other of others) expect(bits(other)).toEqual(bits(simd!));
    for (let p = 0; p < one.positions; p++) {
      const expected = softmax(column(one, p));
      const found = expected.map((_, k) => simd![k * one.stride + p]!);
      found.forEach((x, k) => {
        expect(Math.abs(x - expected[k]!)).toBeLessThanOrEqual(3e-7);
      });
      expect(found.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 5);
    }
  }
});

test('argmax is the lowest index of the greatest value', async () => {
  const next = testNumbers(8);
  for (const K of [1, 2, 5, 18]) {
    const stride = 32;
    const emissions = Float32Array.from({ length: K * stride }, () => Math.round(next() * 2));
    const one: Case = { K, positions: stride, stride, emissions, tags: new Int32Array(stride) };
    const expected = Array.from({ length: stride }, (_, p) => argmax(column(one, p)));
    const found = await onEveryBuild((bench) => {
      const outPtr = bench.words(stride);
      bench.kernels.argmax(outPtr, bench.f32(emissions), stride, K, stride);
      return [...bench.readI32(outPtr, stride)];
    });
    for (const path of found) expect(path).toEqual(expected);
  }
});
