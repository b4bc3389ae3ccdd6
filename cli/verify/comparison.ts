import { digestRuns, type ModelContents, type TrainEvent, type WeightDigests } from 'sparsetag';
import { lossBits, type Trace } from '../trace.js';

/** Where a run is not the one that made the model. */
export interface Difference {
  /** Step after which it was seen; null: in the finished model. */
  readonly step: number | null;
  /** `loss`, or the name of a tensor, a mask or another part of the model. */
  readonly what: string;
  /** Elements of the tensor among which the first different one is; where weights themselves are compared, that one alone. */
  readonly elements: { readonly begin: number; readonly end: number } | null;
  /** What the model or its trace has: bits of a loss or digest in hexadecimal, a weight or count as a number. */
  readonly expected: string | number | null;
  readonly found: string | number | null;
}

/** Compares the events of a run with a trace as they come. */
export class TraceComparison {
  #loss: Difference | null = null;
  #weights: Difference | null = null;

  constructor(private readonly trace: Trace | null) {}

  check(event: TrainEvent): void {
    if (event.type === 'step') this.#loss ??= this.#checkLoss(event.step, lossBits(event.loss));
    if (event.type === 'digests') this.#weights ??= this.#checkWeights(event.step, event.tensors);
  }

  /** Whether a tensor is known that differs, so that nothing more can be learnt from the trace. */
  get isSettled(): boolean {
    return this.#weights !== null;
  }

  /** The first different loss, then the first different tensor at the first step with digests that shows one. */
  get differences(): readonly Difference[] {
    return [this.#loss, this.#weights].filter((difference) => difference !== null);
  }

  #checkLoss(step: number, found: string): Difference | null {
    const expected = this.trace?.losses.get(step) ?? found;
    return expected === found ? null : { step, what: 'loss', elements: null, expected, found };
  }

  #checkWeights(step: number, tensors: readonly WeightDigests[]): Difference | null {
    const recorded = this.trace?.digests.get(step);
    if (!recorded) return null;
    for (const { name, size, digests } of tensors) {
      const expected = recorded.get(name) ?? [];
      const run = digests.findIndex((digest, i) => digest !== expected[i]);
      if (run < 0) continue;
      return { step, what: name, elements: digestRuns(size)[run]!, expected: expected[run] ?? null, found: digests[run]! };
    }
    return null;
  }
}

/** The first difference between two models, by network and tensor, then mask; null: their weights and masks are the same. */
export function modelDifference(model: ModelContents, other: ModelContents): Difference | null {
  for (const network of model.networks) {
    const found = other.networks.find(({ name }) => name === network.name);
    const where = model.networks.length > 1 ? ` of network ${network.name}` : '';
    for (const tensor of network.tensors) {
      const values = found?.tensors.find(({ name }) => name === tensor.name)?.values;
      const difference = arrayDifference(`${tensor.name}${where}`, tensor.values, values);
      if (difference) return difference;
    }
    for (const mask of network.masks) {
      const bits = found?.masks.find(({ task, tensor }) => task === mask.task && tensor === mask.tensor)?.bits;
      const difference = arrayDifference(`mask of ${mask.task} over ${mask.tensor}${where}`, mask.bits, bits);
      if (difference) return difference;
    }
  }
  return null;
}

/** Compared by bits: a -0 differs from a +0. */
function arrayDifference<T extends Float32Array | Uint32Array>(what: string, expected: T, found: T | undefined): Difference | null {
  const bitsOf = (array: T) => new Uint32Array(array.buffer, array.byteOffset, array.length);
  const [wanted, given] = [bitsOf(expected), found ? bitsOf(found) : new Uint32Array()];
  if (wanted.length !== given.length) return { step: null, what, elements: null, expected: wanted.length, found: given.length };
  const index = wanted.findIndex((bits, i) => bits !== given[i]);
  if (index < 0) return null;
  return { step: null, what, elements: { begin: index, end: index + 1 }, expected: expected[index]!, found: found![index]! };
}
