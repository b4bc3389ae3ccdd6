import { availableProcessors, startThreads, type Threads } from '#platform';
import { CapabilityError, ResourceError } from '../errors.js';
import type { Arena } from './arena.js';
import { builtFile } from './built-file.js';
import { CALL_CAPACITY, CallList, CONTROL_BYTES } from './call-list.js';
import type { KernelExports } from './kernel-exports.js';
import type { KernelName, Work } from './work.js';

/** What a kernel thread is given; it is cloned, except for the memory, which is shared. */
export interface ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of the control region of the calls. */
  readonly control: number;
  /** How often it looks for a call before it sleeps. */
  readonly spins: number;
}

export interface PoolOptions {
  readonly module: WebAssembly.Module;
  readonly kernels: KernelExports;
  /** Of shared memory. */
  readonly arena: Arena;
  /** From 2; this thread is one of them. */
  readonly threads: number;
  readonly workerUrl: URL | undefined;
}

// Looks before a thread sleeps, of about 10 ns each (npm run bench:threads): joins follow one another within 0.2 ms, and to wake
// costs half as much. Where there are more threads than processors, whoever looks keeps another from working, and stops soon.
const SPINS = 20_000;
const CROWDED_SPINS = 2_000;

/**
 * Kernel threads on one shared memory, and the calls they run; the thread that adds calls runs them too. Once a thread has
 * died or a call has thrown, nothing can be known of the memory, and every method but `dispose` throws.
 */
export class ThreadPool implements Work {
  readonly threads: number;
  readonly #calls: CallList;
  readonly #workers: Threads;
  readonly #spins: number;
  #added = 0;

  private constructor(threads: number, calls: CallList, workers: Threads, spins: number) {
    this.threads = threads;
    this.#calls = calls;
    this.#workers = workers;
    this.#spins = spins;
  }

  /**
   * Starts the threads and resolves when all are ready.
   * @throws {CapabilityError} THREADS_UNSTARTED when the host does not start them
   */
  static async start({ module, kernels, arena, threads, workerUrl }: PoolOptions): Promise<ThreadPool> {
    const { memory } = arena;
    const control = arena.allocate('calls of threads', CONTROL_BYTES);
    const calls = new CallList(memory, control, kernels);
    const spins = threads > availableProcessors() ? CROWDED_SPINS : SPINS;
    const start: ThreadStart = { module, memory, control, spins };
    try {
      const url = workerUrl ?? builtFile('kernel-thread.js');
      const workers = await startThreads(url, start, threads - 1, (reason) => calls.fail(reason));
      return new ThreadPool(threads, calls, workers, spins);
    } catch (cause) {
      throw new CapabilityError(
        'THREADS_UNSTARTED',
        `the kernel threads cannot be started from ${workerUrl ?? 'kernel-thread.js'} (${cause instanceof Error ? cause.message : cause}); put kernel-thread.js of the package beside the script, pass workerUrl, or ask for one thread`,
        { cause },
      );
    }
  }

  add(kernel: KernelName, ...values: number[]): void {
    if (this.#added === CALL_CAPACITY) this.join();
    if (!this.#calls.isOpen) this.#refuse();
    // The first call is for this thread, which runs it in `join` if no other is awake to do so sooner.
    this.#calls.add(kernel, values, this.#added > 0);
    this.#added += 1;
  }

  join(): void {
    while (this.#calls.runNext());
    this.#calls.awaitEnd(this.#spins);
    this.#added = 0;
    if (!this.#calls.isOpen) this.#refuse();
  }

  #refuse(): never {
    const { failure } = this.#calls;
    throw new ResourceError(
      'THREAD_DIED',
      failure === null
        ? 'the kernel threads were stopped: their runtime is disposed of'
        : `a kernel thread died, and what it computed is lost (${failure}); begin again, from the last checkpoint if there is one`,
    );
  }

  /** Ends the threads. */
  dispose(): void {
    this.#calls.stop();
    this.#workers.terminate();
  }
}
