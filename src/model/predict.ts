import type { EncodedSentence, WordType } from '../data/encode.js';
import type { Prediction } from './head.js';
import { finish, type InParts } from './in-parts.js';
import type { Network } from './network.js';
import { type PackedBatch, packBatch } from './pack-batch.js';

/** Sentences of similar length in batches, for tagging; a sentence's result never depends on its batch. */
export interface PredictionBatches {
  readonly batches: readonly { readonly packed: PackedBatch; readonly sentences: Int32Array }[];
  readonly sentences: number;
}

/**
 * Cuts sentences (none empty) into batches of at most `maximumSentences`, longest first, and of at most
 * `maximumPositions` positions, or one group of four sentences where even that is more.
 */
export function predictionBatches(
  sentences: readonly EncodedSentence[],
  types: readonly WordType[],
  maximumSentences: number,
  maximumPositions: number,
): PredictionBatches {
  const lengthOf = (i: number): number => sentences[i]!.types.length;
  const order = Int32Array.from(sentences, (_, i) => i).sort((a, b) => lengthOf(b) - lengthOf(a) || a - b);
  const batches: { packed: PackedBatch; sentences: Int32Array }[] = [];
  for (let first = 0; first < order.length; ) {
    const groups = Math.max(1, Math.floor(maximumPositions / (4 * lengthOf(order[first]!))));
    const chosen = order.slice(first, first + Math.min(maximumSentences, 4 * groups));
    batches.push({
      packed: packBatch(
        Array.from(chosen, (i) => sentences[i]!),
        types,
        chosen.length === 1,
      ),
      sentences: chosen,
    });
    first += chosen.length;
  }
  return { batches, sentences: sentences.length };
}

/** Best tags of every sentence for each of `tasks`; the network must be prepared for their common mask. */
export function predict(network: Network, batches: PredictionBatches, tasks: readonly number[], scored = false): Prediction[][] {
  return finish(predictInParts(network, batches, tasks, scored));
}

/** The same, a layer of a batch at a time. */
export function* predictInParts(
  network: Network,
  { batches, sentences }: PredictionBatches,
  tasks: readonly number[],
  scored = false,
): InParts<Prediction[][]> {
  const results = tasks.map(() => new Array<Prediction>(sentences));
  for (const { packed, sentences: places } of batches) {
    const pass = yield* network.encodeInParts(packed, null);
    tasks.forEach((task, t) => {
      network.decode(pass, task, scored).forEach((prediction, i) => {
        results[t]![places[i]!] = prediction;
      });
    });
  }
  return results;
}
