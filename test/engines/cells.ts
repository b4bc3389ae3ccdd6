import type { KernelBuild, KernelChoice } from '../../src/runtime/runtime.js';

/** One way of computing that an engine is asked for. */
export interface Cell {
  readonly build: KernelBuild;
  readonly threads: number;
  readonly kernels: KernelChoice;
}

/** What the suite gave: how many cases, which of them differ, one digest of all; or why it could not run. */
export type Outcome =
  | { readonly cases: number; readonly faults: readonly string[]; readonly digest: string }
  | { readonly missing: string }
  | { readonly error: string };

/** Builds and numbers of threads, as columns of the matrix. */
export const COLUMNS: readonly Omit<Cell, 'kernels'>[] = [
  { build: 'scalar', threads: 1 },
  { build: 'simd', threads: 1 },
  ...[1, 2, 3, 8].map((threads) => ({ build: 'threads', threads }) as const),
];

export const KERNELS = ['dense', 'sparse'] as const;

export const ALL_CELLS: readonly Cell[] = COLUMNS.flatMap((column) => KERNELS.map((kernels) => ({ ...column, kernels })));

/** Each build once, both kinds of kernels, a window and a worker: what every change is tested on. */
export const FEW_CELLS: readonly Cell[] = [
  { build: 'scalar', threads: 1, kernels: 'sparse' },
  { build: 'simd', threads: 1, kernels: 'dense' },
  { build: 'threads', threads: 3, kernels: 'sparse' },
];
