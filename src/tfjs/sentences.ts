import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WordType } from '../data/encode.js';
import { BatchMemory, capacityOf, strideFor } from '../model/batch-memory.js';
import type { Activations } from '../model/matrix.js';
import { packBatch } from '../model/pack-batch.js';
import type { Pass } from '../model/pass.js';
import type { Runtime } from '../runtime/runtime.js';
import { requireRange } from './checks.js';
import type { Heap } from './heap.js';

/**
 * The tokens of each sentence of a tensor [B, T, ...].
 * @throws {ConfigError} TFJS_LENGTH when a length is not 1 to T
 */
export function lengthsOf(heap: Heap, lengths: TensorInfo, T: number): Int32Array {
  const values = heap.integers(lengths).slice();
  values.forEach((length, sentence) => {
    requireRange('TFJS_LENGTH', 'lengths', length, sentence, 1, T);
  });
  return values;
}

const ANY_WORD: readonly WordType[] = [{ row: 0, characters: new Int32Array(0) }];

/** Takes kernel memory for a batch of sentences of given lengths, whatever their words. */
export function passOf(runtime: Runtime, lengths: Int32Array): Pass {
  const sentences = Array.from(lengths, (length) => ({ types: new Int32Array(length), tags: null }));
  const batch = packBatch(sentences, ANY_WORD);
  const memory = new BatchMemory(runtime.arena, capacityOf(batch));
  memory.write(batch);
  return { batch, memory, stride: strideFor(batch.positions), random: null };
}

/** Copies rows f32 [B][T][features] to activations in new memory; padding is +0. */
export function toActivations(runtime: Runtime, pass: Pass, rows: number, T: number, features: number): Activations {
  const x = { pointer: runtime.arena.allocateWords('activations', features * pass.stride), stride: pass.stride };
  toPositions(runtime, pass, rows, x, T, features);
  return x;
}

/** Copies rows f32 [B][T][features] to activations that are there; padding is +0. */
export function toPositions({ arena, kernels }: Runtime, pass: Pass, rows: number, x: Activations, T: number, features: number): void {
  arena.f32(x.pointer, features * x.stride).fill(0);
  forEachSentence(pass, (sentence, list, length) => {
    kernels.scatterRows(x.pointer, x.stride, rows + 4 * sentence * T * features, features, features, list, length);
  });
}

/** Copies activations to rows f32 [B][T][features] in new memory; rows behind the end of a sentence are +0. */
export function toRows({ arena, kernels }: Runtime, pass: Pass, x: Activations, T: number, features: number): number {
  const rows = arena.allocateWords('rows', pass.batch.lengths.length * T * features);
  forEachSentence(pass, (sentence, list, length) => {
    kernels.gatherRows(rows + 4 * sentence * T * features, features, x.pointer, x.stride, features, list, length);
  });
  return rows;
}

/** @param act takes a sentence's place in the tensor, the address of its list of positions, and its length */
function forEachSentence({ batch, memory }: Pass, act: (sentence: number, list: number, length: number) => void): void {
  let first = 0;
  batch.lengths.forEach((length, rank) => {
    act(batch.order[rank]!, memory.listing + 4 * first, length);
    first += length;
  });
}
