import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import {
  CONFORMANCE_CASES,
  type ConformanceOptions,
  type ConformanceResult,
  conformance,
  suiteDigest,
} from '../../src/conformance/conformance.js';
import goldens from '../../src/conformance/goldens.json' with { type: 'json' };
import { KERNEL_CASES } from '../../src/conformance/kernel-cases.js';
import { Probe } from '../../src/conformance/probe.js';
import { conformanceConfigs, conformanceCorpus } from '../../src/conformance/trainings.js';
import { KernelProfile } from '../../src/runtime/kernel-profile.js';
import { createRuntime } from '../../src/runtime/runtime.js';
import { ROOT } from '../architecture/source-files.js';

async function resultsOf(options: ConformanceOptions): Promise<ConformanceResult[]> {
  const results: ConformanceResult[] = [];
  for await (const result of conformance(options)) results.push(result);
  return results;
}

test.each<ConformanceOptions>([
  { build: 'scalar', kernels: 'dense' },
  { build: 'simd', kernels: 'sparse' },
  { threads: 3, kernels: 'auto' },
])('every case has its golden digest, in the order of the list (%j)', async (options) => {
  const results = await resultsOf(options);
  expect(results.filter(({ equal }) => !equal)).toEqual([]);
  expect(results.map(({ name }) => name)).toEqual(CONFORMANCE_CASES);
  expect(suiteDigest(results)).toMatch(/^[0-9a-f]{64}$/);
});

test('the case of a kernel runs that kernel', async () => {
  for (const [name, run] of Object.entries(KERNEL_CASES)) {
    const profile = new KernelProfile(() => 0);
    const runtime = await createRuntime({ profile });
    const probe = new Probe(runtime, 1);
    run(probe);
    expect(profile.costs.map(({ kernel }) => kernel)).toContain(name);
    expect(probe.digest()).toMatch(/^[0-9a-f]{64}$/);
    expect(runtime.arena.regions).toEqual([]);
  }
});

test('the digest of a case shows every byte it wrote and every number that it returned', async () => {
  const digestOf = async (write: (probe: Probe) => void) => {
    const probe = new Probe(await createRuntime(), 1);
    write(probe);
    return probe.digest();
  };
  const writes: ((probe: Probe) => void)[] = [
    () => {},
    (probe) => probe.zeros(1),
    (probe) => probe.zeros(2),
    (probe) => probe.f32([-0]),
    (probe) => probe.f32([2 ** -149]),
    (probe) => probe.result(0.5),
    (probe) => probe.numbers(1),
  ];
  const digests = await Promise.all(writes.map(digestOf));
  expect(new Set(digests).size).toBe(writes.length);
  expect(await digestOf((probe) => probe.scratch(64))).toBe(digests[0]);
});

test('the trainings cover every way of sharing with 200 steps or more, two pruning rounds, both optimisers and both heads', () => {
  const configs = Object.values(conformanceConfigs());
  const valuesOf = (pick: (config: (typeof configs)[number]) => unknown) => new Set(configs.map(pick));
  expect(valuesOf(({ train }) => train.sharing)).toEqual(new Set(['single', 'hard', 'hierarchical', 'sparse', 'subnet']));
  expect(valuesOf(({ train }) => train.optimizer.type)).toEqual(new Set(['sgd', 'adam']));
  expect(configs.some(({ tasks }) => tasks.every(({ head }) => head === 'crf'))).toBe(true);
  const sentences = conformanceCorpus().train.sentences.length;
  for (const { train, prune, tasks } of configs) {
    expect(train.epochs * tasks.length * Math.ceil(sentences / train.batchSize)).toBeGreaterThanOrEqual(200);
    if (train.sharing === 'sparse' || train.sharing === 'subnet') expect(prune.keep.length).toBe(2);
  }
});

test('README and docs/engines.md give the digest of these goldens: with others, run npm run test:engines', () => {
  const digest = suiteDigest(Object.entries(goldens).map(([name, digest]) => ({ name, digest })));
  for (const page of ['README.md', 'docs/engines.md']) expect(readFileSync(path.join(ROOT, page), 'utf8'), page).toContain(digest);
});

test('a case without a golden digest fails', async () => {
  vi.resetModules();
  vi.doMock('../../src/conformance/goldens.json', () => ({ default: {} }));
  const { conformance: withoutGoldens } = await import('../../src/conformance/conformance.js');
  const { value } = await withoutGoldens().next();
  expect(value).toMatchObject({ expected: null, equal: false });
  vi.doUnmock('../../src/conformance/goldens.json');
});

test('a signal ends the suite within a case', async () => {
  const controller = new AbortController();
  const suite = conformance({ signal: controller.signal });
  await suite.next();
  controller.abort(new Error('enough'));
  await expect(suite.next()).rejects.toThrow('enough');
});

test('a host without the threads that were asked for is told so, not tested on fewer', async () => {
  await expect(conformance({ build: 'simd', threads: 2 }).next()).rejects.toMatchObject({ code: 'CONFORMANCE_THREADS' });
});
