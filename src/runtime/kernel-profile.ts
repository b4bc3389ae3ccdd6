import type { KernelExports } from './kernel-exports.js';
import type { KernelName, Work } from './work.js';

/** What one kernel has cost so far. */
export interface KernelCost {
  readonly kernel: string;
  readonly calls: number;
  /** Of the caller's time. Calls that threads run together share the time until all are done. */
  readonly milliseconds: number;
  /** Multiplications and additions of the product it computes, on kept weights, padding included; 0 for kernels that are no product. */
  readonly flops: number;
}

type Kernel = (...values: number[]) => number;

interface Cost {
  calls: number;
  milliseconds: number;
  flops: number;
}

/**
 * Times every call of a kernel. Given to `createRuntime`, it stands between caller and kernels; without one nothing is
 * wrapped and nothing is paid.
 */
export class KernelProfile {
  readonly #costs = new Map<string, Cost>();

  /** @param clock monotonic milliseconds, e.g. `() => performance.now()`; the library itself reads no clock */
  constructor(private readonly clock: () => number) {}

  /** The same kernels, each call timed. */
  wrap(kernels: KernelExports, memory: WebAssembly.Memory): KernelExports {
    const wrapped: Record<string, unknown> = {};
    for (const [name, kernel] of Object.entries(kernels)) {
      if (typeof kernel !== 'function') continue;
      const cost = this.#costOf(name);
      const call = kernel as Kernel;
      const flopsOf = FLOPS[name];
      wrapped[name] = (...values: number[]): number => {
        const begin = this.clock();
        const result = call(...values);
        cost.milliseconds += this.clock() - begin;
        cost.calls += 1;
        if (flopsOf) cost.flops += flopsOf(values, memory);
        return result;
      };
    }
    return wrapped as unknown as KernelExports;
  }

  /** The same work, each join timed with the calls that it waits for; they share its time equally. */
  wrapWork(work: Work, memory: WebAssembly.Memory): Work {
    const { clock } = this;
    const added: Cost[] = [];
    let milliseconds = 0;
    const timed = (part: () => void): void => {
      const begin = clock();
      part();
      milliseconds += clock() - begin;
    };
    return {
      threads: work.threads,
      add: (kernel: KernelName, ...values: number[]): void => {
        const cost = this.#costOf(kernel);
        cost.calls += 1;
        cost.flops += FLOPS[kernel]?.(values, memory) ?? 0;
        added.push(cost);
        timed(() => work.add(kernel, ...values));
      },
      join: (): void => {
        timed(() => work.join());
        for (const cost of added) cost.milliseconds += milliseconds / added.length;
        added.length = 0;
        milliseconds = 0;
      },
    };
  }

  #costOf(kernel: string): Cost {
    const known = this.#costs.get(kernel);
    if (known) return known;
    const cost = { calls: 0, milliseconds: 0, flops: 0 };
    this.#costs.set(kernel, cost);
    return cost;
  }

  /** Costs of the kernels that were called, the dearest first. */
  get costs(): KernelCost[] {
    return Array.from(this.#costs, ([kernel, cost]) => ({ kernel, ...cost }))
      .filter(({ calls }) => calls > 0)
      .sort((a, b) => b.milliseconds - a.milliseconds || (a.kernel < b.kernel ? -1 : 1));
  }
}

/** Lanes of a range that have a step before them, over all steps: each does a recurrent product. */
function recurrentLanes(memory: WebAssembly.Memory, basePtr: number, steps: number, begin: number, end: number): number {
  const base = new Int32Array(memory.buffer, basePtr, steps + 1);
  let sum = 0;
  for (let t = 1; t < steps; t++) sum += Math.max(0, Math.min(base[t + 1]! - base[t]!, end) - begin);
  return sum;
}

/** Entries of compressed rows `begin` .. `end`. */
function entries(memory: WebAssembly.Memory, startPtr: number, begin: number, end: number): number {
  const start = new Uint32Array(memory.buffer, startPtr, end + 1);
  return start[end]! - start[begin]!;
}

/** Weights of a recurrent product of `rows` rows: those of a dense panel, or the entries of an index. */
function recurrentWeights(memory: WebAssembly.Memory, weightPtr: number, indexPtr: number, rows: number, depth: number): number {
  return indexPtr === 0 ? rows * depth : entries(memory, weightPtr, 0, rows);
}

/** Weights that one step of a sentence alone multiplies: those of a dense panel, or the places of slices. */
function aloneWeights(memory: WebAssembly.Memory, weightPtr: number, offsetPtr: number, hidden: number): number {
  return offsetPtr === 0 ? 4 * hidden * hidden : 4 * entries(memory, weightPtr, 0, hidden);
}

// Argument places as in kernel-exports.ts.
const FLOPS: Readonly<Record<string, (values: readonly number[], memory: WebAssembly.Memory) => number>> = {
  gemm: (v) => 2 * v[5]! * v[6]! * (v[10]! - v[9]!),
  gemmWeightGradient: (v) => 2 * v[5]! * v[6]! * (v[8]! - v[7]!),
  spmm: (v, memory) => 2 * v[7]! * entries(memory, v[2]!, v[10]!, v[11]!),
  spmmWeightGradient: (v, memory) => 2 * v[8]! * entries(memory, v[5]!, v[9]!, v[10]!),
  lstmForward: (v, memory) =>
    2 * recurrentWeights(memory, v[6]!, v[7]!, 4 * v[9]!, v[9]!) * recurrentLanes(memory, v[12]!, v[11]!, v[16]!, v[17]!),
  lstmForwardSentence: (v, memory) => 2 * aloneWeights(memory, v[3]!, v[4]!, v[6]!) * (v[8]! - 1),
  lstmBackward: (v, memory) =>
    2 * recurrentWeights(memory, v[5]!, v[6]!, v[8]!, 4 * v[8]!) * recurrentLanes(memory, v[11]!, v[10]!, v[15]!, v[16]!),
};
