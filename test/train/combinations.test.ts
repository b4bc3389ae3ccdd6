import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KernelProfile } from '../../src/runtime/kernel-profile.js';
import type { KernelChoice, RuntimeOptions } from '../../src/runtime/runtime.js';
import { bundleProgram, type Program } from '../helpers/program.js';
import { runTraining, smallConfig } from '../helpers/small-run.js';

const CHOICES: readonly KernelChoice[] = ['dense', 'sparse', 'auto'];
const HOSTS: readonly RuntimeOptions[] = [{ build: 'scalar' }, { build: 'simd' }, ...[1, 2, 3, 4, 8].map((threads) => ({ threads }))];

describe.each(['sgd', 'adam'])('warm-up, pruning and subnets with %s', (type) => {
  const optimizer = { type, rate: 0.01 };
  const config = smallConfig({
    train: { sharing: 'sparse', optimizer },
    prune: { keep: [0.6, 0.3], epochs: 1, rewind: 'warmup', optimizer },
  });
  let expected: string;
  let program: Program;
  beforeAll(async () => {
    expected = (await runTraining(config, { runtime: { build: 'scalar', kernels: 'dense' } })).done.report.fingerprint;
    program = await bundleProgram(new URL('./combinations-program.ts', import.meta.url));
  });
  afterAll(() => program.remove());

  const named = HOSTS.flatMap((host) =>
    CHOICES.map((kernels) => [`${JSON.stringify(host)}, ${kernels} kernels`, { ...host, kernels }] as const),
  );
  test.each(named)('give the same model with %s', async (_, runtime) => {
    expect((await runTraining(config, { runtime })).done.report.fingerprint).toBe(expected);
  });

  const flagged = ['--liftoff-only', '--no-liftoff'].flatMap((flag) => [
    [flag, '1', 'sparse'],
    [flag, '3', 'auto'],
  ]);
  test.each(flagged)('give the same model under node %s with %s threads, %s kernels', async (flag, threads, kernels) => {
    expect(await program.run([flag!], threads!, kernels!, JSON.stringify(config))).toBe(`${expected}\n`);
  });

  test('compute kept weights only, where kernels are sparse', async () => {
    const productsOf = async (kernels: KernelChoice) => {
      const profile = new KernelProfile(() => 0);
      await runTraining(config, { runtime: { kernels, profile } });
      return new Map(profile.costs.map(({ kernel, flops }) => [kernel, flops]));
    };
    const [dense, sparse] = [await productsOf('dense'), await productsOf('sparse')];
    expect(dense.has('spmm') || dense.has('spmmWeightGradient')).toBe(false);
    expect(sparse.get('spmmWeightGradient')).toBeGreaterThan(0);
    expect(sparse.get('gemmWeightGradient')).toBeLessThan(dense.get('gemmWeightGradient')!);
    expect(sparse.get('lstmForward')).toBeLessThan(dense.get('lstmForward')!);
  });
});
