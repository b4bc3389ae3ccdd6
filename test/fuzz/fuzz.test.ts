import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { runCases } from './run-cases.js';
import { TARGETS } from './targets.js';

// A few cases of every reader; `npm run fuzz` runs many (CONTRIBUTING.md).

const CASES = 300;

const kernels = await WebAssembly.compile(await readFile(new URL('../../dist/kernels.simd.wasm', import.meta.url)));

test.each([...TARGETS])('damaged and hostile files of %s are read or refused, and nothing else', async (_, make) => {
  const { cases, outcomes, failures } = await runCases(await make(kernels), { seed: 20_240_229 }, (done) => done >= CASES);
  expect(failures).toEqual([]);
  expect(cases).toBe(CASES);
  expect(outcomes.get('accepted') ?? 0).toBeGreaterThan(0);
  expect(outcomes.size).toBeGreaterThan(3);
});
