import { afterEach, expect, test, vi } from 'vitest';
import { createRuntime } from '../../src/runtime/runtime.js';

// The runtime as it is in a page.
vi.mock('#platform', () => import('../../src/runtime/platform.browser.js'));
afterEach(() => vi.unstubAllGlobals());

/** A host that refuses memory: all of it, or what is shared. */
function refuseMemory(only: 'shared' | 'all'): void {
  class Memory {
    constructor({ shared = false }: { readonly shared?: boolean }) {
      if (shared || only === 'all') throw new RangeError('no memory');
    }
  }
  vi.stubGlobal('WebAssembly', { ...WebAssembly, validate: WebAssembly.validate, Memory });
}

test('where a page may not share memory, the threads build is refused with the reason', async () => {
  refuseMemory('shared');
  await expect(createRuntime({ build: 'threads' })).rejects.toMatchObject({
    name: 'CapabilityError',
    code: 'SHARED_MEMORY_REFUSED',
    message: expect.stringMatching(/the page is not cross-origin isolated, .*COOP.*COEP.*, or take another build/),
  });
});

test('a page that may share memory and has none left is told so', async () => {
  refuseMemory('all');
  vi.stubGlobal('crossOriginIsolated', true);
  for (const build of ['threads', 'simd'] as const)
    await expect(createRuntime({ build })).rejects.toMatchObject({ name: 'ResourceError', code: 'MEMORY_REFUSED' });
});
