import { obstacleToSharedMemory } from '#platform';
import { CapabilityError, ResourceError } from '../errors.js';
import { Arena, INITIAL_PAGES } from './arena.js';
import type { KernelExports } from './kernel-exports.js';
import type { KernelProfile } from './kernel-profile.js';
import { loadKernels } from './load-kernels.js';
import { type RuntimeInfo, runtimeInfo } from './runtime-info.js';
import { testHost } from './self-test.js';
import { ThreadPool } from './thread-pool.js';
import { InlineWork, type Work } from './work.js';

/** Which build of the kernels runs; their bits are the same. */
export type KernelBuild = 'simd' | 'threads' | 'scalar';

/** Which kernels multiply masked matrices: those that skip pruned weights, those that do not, or the faster for each density. */
export type KernelChoice = 'dense' | 'sparse' | 'auto';

export interface RuntimeOptions {
  /** Default: `threads` for more than one thread, else `simd`; `scalar` where the host has no SIMD. */
  readonly build?: KernelBuild;
  /** Default: `auto`. */
  readonly kernels?: KernelChoice;
  /** How many threads run the kernels, 1 (default) to 64; `auto`: as many as can run at the same time. `runtimeInfo` says how many there will be. */
  readonly threads?: number | 'auto';
  /** A compiled kernel module of that build, its bytes, or where to read them; default: what this script brings along (`simd`) or the file beside it. */
  readonly wasmModule?: WebAssembly.Module;
  readonly wasmBytes?: Uint8Array<ArrayBuffer>;
  readonly wasmUrl?: URL;
  /** The script of kernel threads, `kernel-thread.js` of the build; default: the file beside this script. */
  readonly workerUrl?: URL;
  /** Times every kernel call. */
  readonly profile?: KernelProfile;
  /** Cap on kernel memory in bytes; at most, and by default, 4 GiB. */
  readonly maximumBytes?: number;
}

const MAXIMUM_PAGES = 65536;
const WASM_PAGE_BYTES = 65536;

/** Owns the kernels, their memory and their threads. All state of a computation hangs on it; there are no globals. */
export class Runtime {
  #disposed = false;

  constructor(
    readonly info: RuntimeInfo,
    readonly kernels: KernelExports,
    readonly arena: Arena,
    /** Runs kernel calls that are independent of one another. */
    readonly work: Work,
    /** Bytes of the kernel module; `null` where it was given compiled. */
    readonly wasmBytes: Uint8Array | null,
    private readonly pool: ThreadPool | null,
  ) {}

  get build(): KernelBuild {
    return this.info.build;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Ends the threads; may be called again. */
  dispose(): void {
    if (!this.#disposed) this.pool?.dispose();
    this.#disposed = true;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * Loads the kernels and starts their threads.
 * @throws {ConfigError} THREADS_OUT_OF_RANGE
 * @throws {CapabilityError} KERNELS_UNREADABLE when the binary cannot be read or does not fit this version, HOST_ARITHMETIC when the
 * host would give other bits than all others, THREADS_UNSTARTED, SHARED_MEMORY_REFUSED
 * @throws {ResourceError} MEMORY_REFUSED when the host refuses the first pages of memory
 */
export async function createRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  const info = runtimeInfo(options);
  const { profile } = options;
  const memory = takeMemory(info.build, options.maximumBytes);
  const { bytes, module, kernels } = await loadKernels(info.build, options, memory);
  const arena = new Arena(memory, kernels.heapBase());
  testHost(kernels, arena);
  const timed = profile?.wrap(kernels, memory) ?? kernels;
  if (info.threads === 1) return new Runtime(info, timed, arena, new InlineWork(timed), bytes, null);
  const pool = await ThreadPool.start({ module, kernels, arena, threads: info.threads, workerUrl: options.workerUrl });
  return new Runtime(info, timed, arena, profile?.wrapWork(pool, memory) ?? pool, bytes, pool);
}

function takeMemory(build: KernelBuild, maximumBytes: number = MAXIMUM_PAGES * WASM_PAGE_BYTES): WebAssembly.Memory {
  const maximum = Math.min(MAXIMUM_PAGES, Math.floor(maximumBytes / WASM_PAGE_BYTES));
  try {
    return new WebAssembly.Memory({ initial: Math.min(INITIAL_PAGES, maximum), maximum, shared: build === 'threads' });
  } catch (cause) {
    const obstacle = build === 'threads' ? obstacleToSharedMemory() : null;
    if (obstacle !== null) {
      const message = `the threads build of the kernels needs shared memory, which the host refuses: ${obstacle}, or take another build`;
      throw new CapabilityError('SHARED_MEMORY_REFUSED', message, { cause });
    }
    throw new ResourceError('MEMORY_REFUSED', `the host refuses ${INITIAL_PAGES * 64} KiB of kernel memory`, { cause });
  }
}
