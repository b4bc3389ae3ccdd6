import { expect, test } from 'vitest';
import { Bench, BUILDS } from './harness.js';

test('every build of the kernels loads and leaves its constant tables alone', async () => {
  for (const build of BUILDS) {
    const bench = await Bench.open(build);
    expect(bench.kernels.heapBase()).toBeGreaterThan(0);
    expect(bench.words(1)).toBeGreaterThanOrEqual(bench.kernels.heapBase());
    bench.checkCanaries();
  }
});
