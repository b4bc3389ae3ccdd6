import { expect, test } from 'vitest';
import { type Bench, onEveryBuild, testNumbers } from './harness.js';

const FEATURES = 5;
const ROW_STRIDE = 8;
const STRIDE = 12;
const POSITIONS = [0, 8, 3, 11];
const PAD = -7;

const next = testNumbers(1);
const x = Float32Array.from({ length: FEATURES * STRIDE }, next);
const rows = Float32Array.from({ length: POSITIONS.length * ROW_STRIDE }, (_, i) => (i % ROW_STRIDE < FEATURES ? next() : PAD));

function gather(bench: Bench): Float32Array {
  const rowsPtr = bench.f32(new Float32Array(rows.length).fill(PAD));
  bench.kernels.gatherRows(rowsPtr, ROW_STRIDE, bench.f32(x), STRIDE, FEATURES, bench.u32(POSITIONS), POSITIONS.length);
  return bench.readF32(rowsPtr, rows.length);
}

function scatter(bench: Bench): Float32Array {
  const xPtr = bench.f32(x);
  bench.kernels.scatterRows(xPtr, STRIDE, bench.f32(rows), ROW_STRIDE, FEATURES, bench.u32(POSITIONS), POSITIONS.length);
  return bench.readF32(xPtr, x.length);
}

test('gatherRows copies the positions of a sentence to rows and leaves the padding columns alone', async () => {
  const expected = Float32Array.from(rows, (_, i) => {
    const f = i % ROW_STRIDE;
    return f < FEATURES ? x[f * STRIDE + POSITIONS[Math.floor(i / ROW_STRIDE)]!]! : PAD;
  });
  for (const found of await onEveryBuild(gather)) expect(found).toEqual(expected);
});

test('scatterRows writes the positions of a sentence and no other, and never reads padding columns', async () => {
  const expected = x.slice();
  POSITIONS.forEach((position, i) => {
    for (let f = 0; f < FEATURES; f++) expected[f * STRIDE + position] = rows[i * ROW_STRIDE + f]!;
  });
  for (const found of await onEveryBuild(scatter)) expect(found).toEqual(expected);
});

test('no rows at all move nothing', async () => {
  await onEveryBuild((bench) => {
    bench.kernels.gatherRows(0, ROW_STRIDE, 0, STRIDE, FEATURES, 0, 0);
    bench.kernels.scatterRows(0, STRIDE, 0, ROW_STRIDE, FEATURES, 0, 0);
  });
});
