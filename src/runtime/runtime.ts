import { readKernelBytes } from '#platform';
import { CapabilityError, ResourceError } from '../errors.js';
import { Arena } from './arena.js';
import type { KernelExports } from './kernel-exports.js';
import type { KernelProfile } from './kernel-profile.js';
import { InlineWork, type Work } from './work.js';

/** Which build of the kernels runs; their bits are the same. */
export type KernelBuild = 'simd' | 'threads' | 'scalar';

/** Which kernels multiply masked matrices: those that skip pruned weights, those that do not, or the faster for each density. */
export type KernelChoice = 'dense' | 'sparse' | 'auto';

export interface RuntimeOptions {
  /** Default: `simd` where the host has it, else `scalar`. */
  readonly build?: KernelBuild;
  /** Default: `auto`. The bits are the same. */
  readonly kernels?: KernelChoice;
  /** A compiled kernel module, its bytes, or where to read them; default: the file beside this module. */
  readonly wasmModule?: WebAssembly.Module;
  readonly wasmBytes?: Uint8Array<ArrayBuffer>;
  readonly wasmUrl?: URL;
  /** Times every kernel call. */
  readonly profile?: KernelProfile;
  /** Cap on kernel memory in bytes; at most, and by default, 4 GiB. */
  readonly maximumBytes?: number;
}

const INITIAL_PAGES = 16;
const MAXIMUM_PAGES = 65536;
const WASM_PAGE_BYTES = 65536;

// A module with one SIMD instruction (i8x16.splat of a constant): valid exactly where SIMD is.
const SIMD_PROBE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11);

export function hasSimd(): boolean {
  return WebAssembly.validate(SIMD_PROBE);
}

/** Owns one kernel instance and its memory. All state of a computation hangs on it; there are no globals. */
export class Runtime {
  #disposed = false;

  constructor(
    readonly build: KernelBuild,
    readonly kernels: KernelExports,
    readonly arena: Arena,
    readonly work: Work,
    readonly kernelChoice: KernelChoice,
  ) {}

  get disposed(): boolean {
    return this.#disposed;
  }

  dispose(): void {
    this.#disposed = true;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * Loads the kernels.
 * @throws {CapabilityError} KERNELS_UNREADABLE when the binary cannot be read or does not fit this version
 * @throws {ResourceError} MEMORY_REFUSED when the host refuses the first pages of memory
 */
export async function createRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  const build = options.build ?? (hasSimd() ? 'simd' : 'scalar');
  const maximum = Math.min(MAXIMUM_PAGES, Math.floor((options.maximumBytes ?? MAXIMUM_PAGES * WASM_PAGE_BYTES) / WASM_PAGE_BYTES));
  let memory: WebAssembly.Memory;
  try {
    memory = new WebAssembly.Memory({ initial: Math.min(INITIAL_PAGES, maximum), maximum, shared: build === 'threads' });
  } catch (cause) {
    throw new ResourceError('MEMORY_REFUSED', `the host refuses ${INITIAL_PAGES * 64} KiB of kernel memory`, { cause });
  }
  let exports: unknown;
  try {
    const module =
      options.wasmModule ?? (await WebAssembly.compile(options.wasmBytes ?? (await readKernelBytes(options.wasmUrl ?? kernelUrl(build)))));
    exports = (await WebAssembly.instantiate(module, { env: { memory } })).exports;
  } catch (cause) {
    throw new CapabilityError(
      'KERNELS_UNREADABLE',
      `the ${build} kernels cannot be loaded (${cause instanceof Error ? cause.message : cause}); run the build, or pass wasmBytes, wasmModule or wasmUrl`,
      { cause },
    );
  }
  const loaded = exports as KernelExports;
  const kernels = options.profile?.wrap(loaded, memory) ?? loaded;
  return new Runtime(build, kernels, new Arena(memory, loaded.heapBase()), new InlineWork(kernels), options.kernels ?? 'auto');
}

function kernelUrl(build: KernelBuild): URL {
  // Source files run from src/runtime (tests); built files lie beside the binaries.
  const base = import.meta.url.includes('/src/runtime/') ? '../../dist/' : './';
  return new URL(`${base}kernels.${build}.wasm`, import.meta.url);
}
