import type { KernelExports } from './kernel-exports.js';

/** A kernel that can be called by a thread. What it returns is dropped, so it must write what it computes to memory. */
export type KernelName = keyof KernelExports;

/** Independent kernel calls, run by all threads of a runtime. */
export interface Work {
  readonly threads: number;
  /** Adds a call. It may run at once or at any time until `join`, on any thread, in any order with the other calls since the last `join`. */
  add(kernel: KernelName, ...values: number[]): void;
  /** Returns when every added call has run. @throws {ResourceError} THREAD_DIED */
  join(): void;
}

export type Kernel = (...values: number[]) => unknown;

/** The work of a runtime of one thread: a call runs when it is added. */
export class InlineWork implements Work {
  readonly threads = 1;

  constructor(private readonly kernels: KernelExports) {}

  add(kernel: KernelName, ...values: number[]): void {
    (this.kernels[kernel] as Kernel)(...values);
  }

  join(): void {}
}
