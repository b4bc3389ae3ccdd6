import { availableParallelism } from 'node:os';
import { afterEach, describe, expect, test, vi } from 'vitest';
import * as browser from '../../src/runtime/platform.browser.js';
import { createRuntime } from '../../src/runtime/runtime.js';
import { runtimeInfo } from '../../src/runtime/runtime-info.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('a runtime', () => {
  test('is of one thread unless more are asked for', async () => {
    expect(runtimeInfo()).toEqual({ build: 'simd', kernels: 'auto', threads: 1, threadsWanted: 1, reason: null });
    expect(runtimeInfo({ threads: 3, kernels: 'sparse' })).toEqual({
      build: 'threads',
      kernels: 'sparse',
      threads: 3,
      threadsWanted: 3,
      reason: null,
    });
    expect(runtimeInfo({ threads: 'auto' })).toMatchObject({ threads: availableParallelism(), reason: null });
    const runtime = await createRuntime();
    expect(runtime.info).toEqual(runtimeInfo());
    expect(runtime.work.threads).toBe(1);
  });

  test.each([0, -1, 1.5, 65, Number.NaN, Number.POSITIVE_INFINITY])('of %d threads is refused', async (threads) => {
    const refusal = { name: 'ConfigError', code: 'THREADS_OUT_OF_RANGE' };
    expect(() => runtimeInfo({ threads })).toThrow(expect.objectContaining(refusal));
    await expect(createRuntime({ threads })).rejects.toMatchObject(refusal);
  });

  test('has one thread, and says why, where the kernels that were asked for cannot share memory', async () => {
    const options = { build: 'scalar', threads: 4 } as const;
    const info = { build: 'scalar', kernels: 'auto', threads: 1, threadsWanted: 4, reason: expect.stringContaining('scalar build') };
    expect(runtimeInfo(options)).toEqual(info);
    const runtime = await createRuntime(options);
    expect(runtime.info).toEqual(info);
    expect(runtime.work.threads).toBe(1);
  });

  test('has one thread, and says why, on a host without SIMD', () => {
    vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
    expect(runtimeInfo({ threads: 4 })).toEqual({
      build: 'scalar',
      kernels: 'auto',
      threads: 1,
      threadsWanted: 4,
      reason: expect.stringContaining('SIMD'),
    });
  });

  test('of threads does not take kernels without shared memory', async () => {
    const wasmUrl = new URL('../../dist/kernels.simd.wasm', import.meta.url);
    await expect(createRuntime({ threads: 2, wasmUrl })).rejects.toMatchObject({ code: 'KERNELS_UNREADABLE' });
  });
});

describe('in a browser', () => {
  test('threads need an isolated page, a worker to wait in, and workers', () => {
    expect(browser.obstacleToThreads()).toMatch(/not cross-origin isolated/);
    vi.stubGlobal('crossOriginIsolated', true);
    vi.stubGlobal('document', {});
    expect(browser.obstacleToThreads()).toMatch(/may not wait/);
    vi.stubGlobal('document', undefined);
    expect(browser.obstacleToThreads()).toMatch(/no workers/);
    vi.stubGlobal('Worker', class {});
    expect(browser.obstacleToThreads()).toBeNull();
  });
});
