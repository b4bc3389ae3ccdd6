import { afterEach, expect, test } from 'vitest';
import { KernelProfile } from '../../src/runtime/kernel-profile.js';
import { createRuntime, type Runtime } from '../../src/runtime/runtime.js';

/** A clock that moves by 1 ms whenever it is read. */
function tickingProfile(): KernelProfile {
  let now = 0;
  return new KernelProfile(() => now++);
}

let runtime: Runtime;
afterEach(() => runtime.dispose());

test('a call is counted with its time and operations, whether it is called or added', async () => {
  const profile = tickingProfile();
  runtime = await createRuntime({ profile });
  const values = runtime.arena.allocateWords('values', 64);
  runtime.kernels.mapExp(values, values, 1);
  runtime.work.add('mapExp', values, values, 1);
  runtime.work.add('gemm', values, 4, values + 64, values + 128, 4, 2, 4, 0, 0, 0, 4);
  runtime.work.join();
  expect(profile.costs).toEqual([
    { kernel: 'mapExp', calls: 2, milliseconds: 2, flops: 0 },
    { kernel: 'gemm', calls: 1, milliseconds: 1, flops: 2 * 4 * 2 * 4 },
  ]);
});

test("the caller's time from adding to joining is shared by the calls that threads ran together", async () => {
  const profile = tickingProfile();
  runtime = await createRuntime({ threads: 2, profile });
  const values = runtime.arena.allocateWords('values', 64);
  for (let pass = 0; pass < 2; pass++) {
    runtime.work.add('mapExp', values, values, 1);
    runtime.work.add('gemm', values + 64, 4, values + 192, values + 224, 4, 2, 4, 0, 0, 0, 4);
    runtime.work.add('gemm', values + 128, 4, values + 192, values + 224, 4, 2, 4, 0, 0, 0, 4);
    runtime.work.join();
  }
  // Of each pass four intervals are timed: three additions and the join.
  const total = 2 * 4;
  const [gemm, map] = profile.costs;
  expect(gemm).toMatchObject({ kernel: 'gemm', calls: 4, flops: 4 * 2 * 4 * 2 * 4 });
  expect(map).toMatchObject({ kernel: 'mapExp', calls: 2, flops: 0 });
  // A sum of thirds, in f64.
  expect(gemm!.milliseconds).toBeCloseTo((total * 2) / 3, 12);
  expect(map!.milliseconds).toBeCloseTo(total / 3, 12);
});

test('calls that share the lanes of an LSTM count the operations of their own lanes', async () => {
  const profile = tickingProfile();
  runtime = await createRuntime({ profile });
  const { arena, work } = runtime;
  // Three time steps of 12, 8 and 4 lanes, one unit.
  const [positions, lanes] = [24, 12];
  const [base, valid] = [arena.allocateWords('base', 4), arena.allocateWords('valid', 3)];
  arena.i32(base, 4).set([0, 12, 20, 24]);
  arena.i32(valid, 3).set([12, 8, 4]);
  const planes = [4, 1, 1, 1, 1].map((rows) => arena.allocateWords('plane', rows * positions));
  const [bias, panel] = [arena.allocateWords('bias', 4), arena.allocateWords('panel', 4)];
  for (const [begin, end] of [
    [0, 4],
    [4, lanes],
  ] as const) {
    work.add('lstmForward', ...planes, bias, panel, 0, 0, 1, positions, 3, base, valid, 0, 0, begin, end);
  }
  const recurrentLanes = 8 + 4;
  expect(profile.costs).toMatchObject([{ kernel: 'lstmForward', calls: 2, flops: 2 * 4 * recurrentLanes }]);
});
