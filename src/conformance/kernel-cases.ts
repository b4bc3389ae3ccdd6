import type { KernelName } from '../runtime/work.js';
import { HEADS } from './kernels/heads.js';
import { MASKS } from './kernels/masks.js';
import { MOVES } from './kernels/moves.js';
import { NUMBERS } from './kernels/numbers.js';
import { PRODUCTS } from './kernels/products.js';
import { RECURRENCES } from './kernels/recurrences.js';
import { UPDATES } from './kernels/updates.js';
import type { Probe } from './probe.js';

/** They tell sizes, in which builds may differ. */
type SizeName = 'heapBase' | 'crfScratchBytes' | 'pruneScratchBytes';

/** Runs of every kernel, by its name. */
export const KERNEL_CASES: Readonly<Record<Exclude<KernelName, SizeName>, (probe: Probe) => void>> = {
  ...PRODUCTS,
  ...HEADS,
  ...MOVES,
  ...RECURRENCES,
  ...MASKS,
  ...UPDATES,
  ...NUMBERS,
};
