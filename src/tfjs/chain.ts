import type { Tensor, Tensor1D, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors.js';
import { roundUp } from '../runtime/layout.js';
import type { Runtime } from '../runtime/runtime.js';
import { requireTensor } from './checks.js';
import type { OpCall } from './op.js';

/** Scores of a linear chain over K tags. */
export interface ChainScores {
  /** Of shape [K, K], from a tag (row) to the next one. */
  readonly transitions: Tensor2D;
  /** Of shape [K], of the first and of the last tag; both or neither. */
  readonly start?: Tensor1D;
  readonly end?: Tensor1D;
}

/** The chain as inputs of an op, checked. @throws {ConfigError} TFJS_SHAPE, TFJS_DTYPE */
export function chainInputs({ transitions, start, end }: ChainScores, tags: number): Tensor[] {
  requireTensor('transitions', transitions, 'float32', [tags, tags]);
  if (!start && !end) return [transitions];
  if (!start || !end) throw new ConfigError('TFJS_SHAPE', 'start, end: expected both or neither; found one');
  requireTensor('start', start, 'float32', [tags]);
  requireTensor('end', end, 'float32', [tags]);
  return [transitions, start, end];
}

/** A chain and one sentence's emissions in kernel memory. Rows of K are padded to `rowStride`. */
export interface OpenChain {
  readonly T: number;
  readonly K: number;
  readonly rowStride: number;
  readonly transitions: number;
  /** 0 = none */
  readonly start: number;
  readonly end: number;
  readonly scratch: number;
  /** Copies the emissions of a sentence to the kernels; answers with the address, always the same. */
  readonly sentence: (sentence: number, length: number) => number;
}

/** @param chain transitions and, perhaps, start and end */
export function openChain(
  { runtime, heap }: Pick<OpCall, 'runtime' | 'heap'>,
  emissions: TensorInfo,
  chain: readonly TensorInfo[],
): OpenChain {
  const [, T, K] = emissions.shape as [number, number, number];
  const { arena, kernels } = runtime;
  const rowStride = roundUp(K, 4);
  const all = heap.take('emissions', emissions);
  const rows = arena.allocateWords('sentence', T * rowStride);
  const transitions = arena.allocateWords('transitions', K * rowStride);
  copyRows(runtime, transitions, rowStride, heap.take('transitions', chain[0]!), K, K, K);
  return {
    T,
    K,
    rowStride,
    transitions,
    start: chain[1] ? heap.take('start', chain[1]) : 0,
    end: chain[2] ? heap.take('end', chain[2]) : 0,
    scratch: arena.allocate('scratch', kernels.crfScratchBytes(T, K)),
    sentence(sentence, length) {
      copyRows(runtime, rows, rowStride, all + 4 * sentence * T * K, K, K, length);
      return rows;
    },
  };
}

/** Copies `count` rows of `columns` elements from one row stride to another, in kernel memory. */
export function copyRows(
  { arena }: Runtime,
  to: number,
  toStride: number,
  from: number,
  fromStride: number,
  columns: number,
  count: number,
): void {
  for (let row = 0; row < count; row++) {
    arena.f32(to + 4 * row * toStride, columns).set(arena.f32(from + 4 * row * fromStride, columns));
  }
}
