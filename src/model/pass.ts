import type { BatchMemory } from './batch-memory.js';
import type { PackedBatch } from './pack-batch.js';
import type { RandomKey } from './random-streams.js';

/** One pass of a batch through a network. */
export interface Pass {
  readonly batch: PackedBatch;
  readonly memory: BatchMemory;
  /** Elements between features of token activations. */
  readonly stride: number;
  /** Training step that keys dropout; null when tagging. */
  readonly random: (RandomKey & { readonly step: number }) | null;
}
