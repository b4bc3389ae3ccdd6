import type { KernelExports } from './kernel-exports.js';

/** Kernels that threads can call: those whose result is in memory. */
export type KernelName = {
  [Name in keyof KernelExports]: ReturnType<KernelExports[Name]> extends void ? Name : never;
}[keyof KernelExports];

/** Independent kernel calls, run by all threads of a runtime. */
export interface Work {
  readonly threads: number;
  /** Adds a call. It may run at once or at any time until `join`, on any thread, in any order with the other calls since the last `join`. */
  add(kernel: KernelName, ...values: number[]): void;
  /** Returns when every added call has run. */
  join(): void;
}

/** One thread: every call runs when it is added. */
export class InlineWork implements Work {
  readonly threads = 1;

  constructor(private readonly kernels: KernelExports) {}

  add(kernel: KernelName, ...values: number[]): void {
    (this.kernels[kernel] as (...values: number[]) => void)(...values);
  }

  join(): void {}
}
